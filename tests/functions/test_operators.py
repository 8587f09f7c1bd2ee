"""Operators: what they can see and do, that every look leaves a line, and that nothing of them stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from freehold.database import database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.operators.models import Errand
from freehold.operators.tokens import hash_of
from functions.operators.questions import answered
from local.companies import Company, People
from local.gateway import Answer, call
from local.postgres import Postgres

REASON = "Ticket 4711: nothing arrives"
POWER = {
    *("tenant:own", "tenant:write", "members:write", "members:invite", "roles:write", "api_keys:write"),
    *("webhooks:write", "operators:write", "billing:write", "usage:write", "projects:share"),
}
"""What would stay after the operator, let somebody else stay, or be billed."""

LOOKS = [errand for errand in Errand if errand not in (Errand.ACT, Errand.GRANT, Errand.CHANGE_DECISIONS)]

type Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(stage: None) -> Ask:
    """As Ada, who may come in."""

    def ask(what: str, *, operator: str = "ada@example.com", **asked: Any) -> dict[str, Any]:
        event = {"ask": what, "reason": REASON, **{name: _plain(value) for name, value in asked.items()}}
        return answered(database("freehold_operator"), event, operator=operator, request_id="the-request")

    return ask


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


def visits(company: Company) -> list[dict[str, Any]]:
    """Newest first, as the owner sees them."""
    return company.call("GET", "/v1/operator-visits").json["items"]


def member_id(company: Company, role: str) -> UUID:
    """Another member's."""
    subject = company.member(role).subject
    [(found,)] = company.execute("select id from app.members where subject = %(subject)s", subject=subject)
    return found


@pytest.fixture
def admin(acme: Company) -> UUID:
    return member_id(acme, "admin")


@pytest.fixture
def acting(acme: Company, admin: UUID, ask: Ask) -> dict[str, Any]:
    """Ada as the admin, for a quarter of an hour."""
    return ask("act_as", tenant=acme.id, member=admin, minutes=15)


def as_ada(acting: dict[str, Any], method: str, path: str, **request: Any) -> Answer:
    return call(method, path, token=acting["token"], **request)


def _unpaid(company: Company) -> UUID:
    """An invoice that its subscription waits for."""
    [(invoice,)] = company.execute(
        "insert into app.invoices (id, stripe_id, status, currency, subtotal, total, amount_due, amount_paid,"
        " amount_remaining, issued_at, hosted_url, pdf_url) values (gen_random_uuid(), 'in_1', 'open', 'usd', 1, 1, 1,"
        " 0, 1, now(), 'https://pay.example.test/2', 'https://pay.example.test/2/pdf') returning id"
    )
    company.execute("insert into app.billing_accounts (plan, status, access) values ('pro', 'past_due', 'full')")
    return invoice


class TestFind:
    def test_by_a_part_of_the_name_an_id_or_the_owners_address(self, people: People, ask: Ask):
        name = f"Initech {uuid4()}"
        company = people.company(name)
        for words in (name[3:].upper(), str(company.id), f"{company.owner.subject}@example.test"):
            [found] = ask("find", words=words)["tenants"]
            assert found.keys() == {"id", "name", "access", "created_at"}
            assert (found["id"], found["name"]) == (str(company.id), name)

    def test_each_that_is_shown_is_told_and_no_other(self, acme: Company, globex: Company, ask: Ask):
        assert ask("find", words=str(acme.id))["tenants"]
        [line] = visits(acme)
        assert (line["operator"], line["permission"], line["reason"]) == ("ada@example.com", "operators:find", REASON)
        assert visits(globex) == []

    def test_the_address_of_somebody_who_owns_nothing_finds_nothing(self, acme: Company, ask: Ask):
        assert ask("find", words=f"{acme.member('admin').subject}@example.test") == {"tenants": []}

    @pytest.mark.parametrize("words", ["", "  ", "ac"])
    def test_too_few_letters_list_nobody(self, acme: Company, ask: Ask, words: str):
        assert ask("find", words=words)["code"] == "invalid_input"

    def test_shows_twenty_at_most(self, people: People, ask: Ask):
        word = str(uuid4())
        for number in range(22):
            people.company(f"{word} {number}")
        assert len(ask("find", words=word)["tenants"]) == 20


class TestShow:
    @pytest.mark.parametrize("errand", LOOKS)
    def test_each_errand_shows_something_and_leaves_its_line(self, acme: Company, ask: Ask, errand: Errand):
        acme.call("POST", "/v1/reports", body={"report": "activity"})
        acme.call("POST", "/v1/webhook-endpoints", body={"url": "https://example.com/hook", "events": ["*"]})
        assert ask("show", tenant=acme.id, errand=errand)["shown"] != []
        [line] = visits(acme)
        assert line | {"id": None, "at": None} == {
            **dict.fromkeys(("id", "at", "member_id", "expires_at", "ended_at")),
            "operator": "ada@example.com",
            "reason": REASON,
            "permission": errand,
            "request_id": "the-request",
        }

    def test_no_look_shows_an_address_a_secret_or_what_the_tenant_works_with(self, acme: Company, ask: Ask):
        acme.project("A secret project")
        acme.key("projects:read")
        body = {"url": "https://hooks.example.com/here", "events": ["*"], "description": "Our hook"}
        endpoint = acme.call("POST", "/v1/webhook-endpoints", body=body).json
        acme.call("POST", f"/v1/webhook-endpoints/{endpoint['id']}/test")
        shown = str([ask("show", tenant=acme.id, errand=errand)["shown"] for errand in LOOKS])
        hidden = (
            acme.owner.subject,
            "@example.test",
            "A secret project",
            endpoint["secret"],
            "hooks.example.com",
            "Our hook",
        )
        assert [word for word in hidden if word in shown] == []
        assert endpoint["id"] in shown, "the control: it was looked at"

    def test_no_look_at_jobs_shows_where_the_tenant_pays(self, acme: Company, ask: Ask):
        acme.execute(
            "insert into app.jobs (kind, job_class, state, input, attempts, finished_at, reason) values"
            " ('billing.change', 'payments', 'failed', '{}', 1, now(), 'Pay it here: https://pay.example.test/1'),"
            " ('reports.export', 'bulk', 'failed', '{}', 1, now(), 'The disk is full.')"
        )
        shown = ask("show", tenant=acme.id, errand="jobs:read")["shown"]
        assert [each["reason"] for each in shown] == ["The disk is full."]

    @pytest.mark.parametrize("reason", ["", "too short", "         x         ", None])
    def test_without_a_reason_nobody_comes_in(self, acme: Company, ask: Ask, reason: str | None):
        refused = ask("show", tenant=acme.id, errand="tenant:read", reason=reason)
        assert refused["code"] == ("invalid_input" if reason is None else "reason_required")
        assert visits(acme) == []

    @pytest.mark.parametrize("errand", ["projects:read", "tenant:write", "operators:act", "members:write", ""])
    def test_for_anything_else_nobody_comes_in(self, acme: Company, ask: Ask, errand: str):
        assert ask("show", tenant=acme.id, errand=errand)["code"] == "invalid_input"
        assert visits(acme) == []

    def test_a_tenant_that_is_suspended_can_be_helped(self, acme: Company, ask: Ask):
        acme.execute("update app.tenants set access = 'suspended' where id = %(tenant_id)s")
        assert ask("show", tenant=acme.id, errand="tenant:read")["shown"][0]["access"] == "suspended"

    def test_what_is_no_tenant_is_said_to_be_none(self, ask: Ask):
        assert ask("show", tenant=uuid4(), errand="tenant:read")["code"] == "not_found"

    @pytest.mark.parametrize("name", ["ada/member:1", "ada:x", "", "a" * 101])
    def test_a_name_that_could_be_mistaken_for_something_else_is_refused(self, acme: Company, ask: Ask, name: str):
        assert "error" in ask("show", tenant=acme.id, errand="tenant:read", operator=name)
        assert visits(acme) == []


class TestVisits:
    def test_admins_read_them_and_members_do_not(self, acme: Company, ask: Ask):
        ask("show", tenant=acme.id, errand="tenant:read")
        statuses = {
            role: acme.call_as(acme.member(role), "GET", "/v1/operator-visits").status for role in ("admin", "member")
        }
        assert statuses == {"admin": 200, "member": 403}

    def test_come_in_pages_newest_first(self, acme: Company, ask: Ask):
        for errand in ("tenant:read", "jobs:read", "audit:read"):
            ask("show", tenant=acme.id, errand=errand)
        first = acme.call("GET", "/v1/operator-visits", query={"limit": 2}).json
        rest = acme.call("GET", "/v1/operator-visits", query={"cursor": first["next_cursor"]}).json
        assert [v["permission"] for v in first["items"] + rest["items"]] == ["audit:read", "jobs:read", "tenant:read"]

    def test_the_neighbour_sees_none_of_ours(self, acme: Company, globex: Company, ask: Ask):
        ask("show", tenant=acme.id, errand="tenant:read")
        assert (len(visits(acme)), visits(globex)) == (1, [])


class TestActing:
    def test_sees_and_does_what_the_member_may_in_their_own_name(self, acme: Company, admin: UUID, acting):
        assert acting["token"].startswith("fh_op_test_")
        made = as_ada(acting, "POST", "/v1/projects", body={"name": "Mended"})
        assert (made.status, made.json["created_by"]) == (201, str(admin))
        [(principal,)] = acme.execute(
            "select principal from app.audit where row_id = %(id)s and tenant_id = %(tenant_id)s", id=made.json["id"]
        )
        assert principal == f"operator:ada@example.com/member:{admin}"

    def test_the_tenant_sees_who_as_whom_why_and_until_when(self, acme: Company, admin: UUID, acting):
        [line] = visits(acme)
        assert (line["id"], line["operator"], line["reason"]) == (acting["id"], "ada@example.com", REASON)
        assert (line["member_id"], line["ended_at"]) == (str(admin), None)
        begun, ends = (datetime.fromisoformat(line[name]) for name in ("at", "expires_at"))
        assert ends - begun == timedelta(minutes=15)

    def test_the_token_is_nowhere_in_the_database(self, acme: Company, acting):
        for table in ("app.impersonations", "app.operator_visits", "app.audit", "app.outbox"):
            rows = str(acme.execute(f"select to_jsonb(t) from {table} t where tenant_id = %(tenant_id)s"))
            assert acting["token"] not in rows
            assert rows != "[]", "the control: there is something to look through"

    def test_does_not_come_back_when_the_tenant_lets_operators_in_again(self, acme: Company, ask: Ask):
        acting = ask("act_as", tenant=acme.id, member=acme.member_id(acme.owner), minutes=1)
        assert as_ada(acting, "GET", "/v1/projects").status == 200
        for access in (False, True):
            body = {"support_access": access}
            assert acme.call("PATCH", "/v1/tenant", body=body, headers={"If-Match": "*"}).status == 200
            assert as_ada(acting, "GET", "/v1/projects").code == "acting_ended"

    def test_ends_nobody_in_whose_place_they_are(self, acme: Company, ask: Ask):
        person = acme.member("viewer")
        acting = ask("act_as", tenant=acme.id, member=acme.member_id(person), minutes=1)
        assert as_ada(acting, "POST", "/v1/members/me/leave").code == "person_required"
        assert acme.call_as(person, "POST", "/v1/members/me/leave").status == 200, "the control"

    def test_is_not_told_where_the_tenant_pays(self, acme: Company, ask: Ask):
        acting = ask("act_as", tenant=acme.id, member=member_id(acme, "owner"), minutes=1)
        result = '{"outcome": "action_required", "link": "https://pay.example.test/1"}'
        [(paying,)] = acme.execute(
            "insert into app.jobs (kind, job_class, state, input, attempts, finished_at, result) values"
            " ('billing.change', 'payments', 'failed', '{}', 1, now(), %(result)s) returning id",
            result=result,
        )
        acme.execute(
            "insert into app.billing_operations (kind, key, request, state, result, finished_at)"
            " values ('change', 'a change', '{}', 'done', %(result)s, now())",
            result=result,
        )
        invoice = _unpaid(acme)
        looks = [f"/v1/jobs/{paying}", f"/v1/billing/requests/{paying}", "/v1/jobs", "/v1/billing"]
        looks += ["/v1/billing/invoices", f"/v1/billing/invoices/{invoice}"]
        answers = [as_ada(acting, "GET", path) for path in looks]
        assert [answer.status for answer in answers] == [404, 404, 200, 200, 200, 200]
        assert [answer for answer in answers if "pay.example.test" in answer.body] == []
        assert as_ada(acting, "POST", f"/v1/jobs/{paying}/retry").status == 404
        assert all("pay.example.test" in acme.call("GET", path).body for path in looks), "the control: its owner is"

    def test_is_told_that_something_is_unpaid(self, acme: Company, ask: Ask):
        _unpaid(acme)
        acting = ask("act_as", tenant=acme.id, member=member_id(acme, "owner"), minutes=1)
        problem = as_ada(acting, "GET", "/v1/billing").json["problem"]
        asked = acme.call("GET", "/v1/billing").json["problem"]
        assert (problem["code"], problem["link"]) == ("payment_failed", None)
        assert asked == {**problem, "link": "https://pay.example.test/2"}, "the control: its owner is told where"

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/v1/tenant", {"name": "Ours now"}),
            ("POST", "/v1/api-keys", {"name": "stays", "scopes": ["projects:read"]}),
            ("POST", "/v1/webhook-endpoints", {"url": "https://example.com/", "events": ["*"]}),
            ("POST", f"/v1/operator-visits/{uuid4()}/end", None),
            ("POST", "/v1/usage/events", {"id": "calls-of-today", "meter": "api_calls"}),
        ],
    )
    def test_gives_no_power_and_leaves_nothing_that_goes_on(self, acme: Company, ask: Ask, method, path, body):
        owner = member_id(acme, "owner")
        acting = ask("act_as", tenant=acme.id, member=owner, minutes=1)
        refused = as_ada(acting, method, path, body=body, headers={"If-Match": "*"})
        assert refused.status == 403
        assert refused.code in {"permission_denied", "person_required"}
        allowed = acme.call(method, path, body=body, headers={"If-Match": "*"})
        assert allowed.status in {200, 201, 404}, "the control: an owner may"

    def test_holds_what_an_owner_holds_but_no_power_over_power(self, server: Postgres, acme: Company, ask: Ask):
        token = ask("act_as", tenant=acme.id, member=member_id(acme, "owner"), minutes=1)["token"]
        enter = "select app.enter_acting(%s, 1, %s, 'tenant:read', false, 'r', '')"
        with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE)) as connection:
            connection.execute(enter, [acme.id, hash_of(token)])
            [held] = connection.execute("select current_setting('app.permissions')").fetchone()
        [(everything,)] = acme.execute("select permissions from app.builtin_roles where name = 'owner'")
        assert set(everything) - set(held.split()) >= POWER
        assert set(held.split()) >= {"tenant:read", "projects:write", "projects:delete", "members:read", "jobs:retry"}

    def test_has_no_power_over_power_by_a_grant_either(self, server: Postgres, acme: Company, ask: Ask):
        viewer, project = member_id(acme, "viewer"), acme.project()["id"]
        acme.execute(
            "insert into app.grants (member_id, resource, resource_id, role, created_by)"
            " values (%(viewer)s, 'projects', %(project)s, 'admin', %(viewer)s)",
            viewer=viewer, project=project,
        )  # fmt: skip
        token = ask("act_as", tenant=acme.id, member=viewer, minutes=1)["token"]
        enter = "select app.enter_acting(%s, 1, %s, %s, true, 'r', '')"
        with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE)) as connection:
            connection.execute(enter, [acme.id, hash_of(token), "projects:write"])  # the control: others go by it
            connection.rollback()
            with pytest.raises(psycopg.Error, match="permission_denied"):
                connection.execute(enter, [acme.id, hash_of(token), "projects:share"])

    def test_does_no_more_than_the_member_may(self, acme: Company, ask: Ask):
        acting = ask("act_as", tenant=acme.id, member=member_id(acme, "viewer"), minutes=1)
        assert as_ada(acting, "GET", "/v1/projects").status == 200
        assert as_ada(acting, "POST", "/v1/projects", body={"name": "x"}).code == "permission_denied"

    def test_signs_up_nowhere_and_belongs_nowhere(self, acting):
        assert as_ada(acting, "GET", "/v1/tenants").code == "person_required"
        assert as_ada(acting, "POST", "/v1/tenants", body={"name": "x"}).code == "person_required"

    def test_is_for_one_tenant(self, globex: Company, acting):
        named = {"Freehold-Tenant": str(globex.id)}
        assert as_ada(acting, "GET", "/v1/projects", headers=named).code == "tenant_mismatch"

    @pytest.mark.parametrize("minutes", [0, -1, 61, 10**9])
    def test_lasts_an_hour_at_most(self, acme: Company, admin: UUID, ask: Ask, minutes: int):
        assert ask("act_as", tenant=acme.id, member=admin, minutes=minutes)["code"] == "invalid_input"

    def test_needs_a_reason(self, acme: Company, admin: UUID, ask: Ask):
        assert ask("act_as", tenant=acme.id, member=admin, minutes=5, reason="help")["code"] == "reason_required"

    @pytest.mark.parametrize("status", ["suspended", "removed"])
    def test_as_nobody_who_is_not_active(self, acme: Company, admin: UUID, ask: Ask, status: str):
        acme.execute("update app.members set status = %(status)s where id = %(id)s", status=status, id=admin)
        assert ask("act_as", tenant=acme.id, member=admin, minutes=5)["code"] == "not_found"

    def test_as_nobody_of_another_tenant(self, acme: Company, globex: Company, ask: Ask):
        [owner] = globex.call("GET", "/v1/members").json["items"]
        assert ask("act_as", tenant=acme.id, member=owner["id"], minutes=5)["code"] == "not_found"

    @pytest.mark.parametrize(
        "spoil", [lambda t: t[:-1], lambda t: t + "0", lambda t: t[:-8] + "00000000", lambda t: t[:6]]
    )
    def test_a_token_that_was_not_given_opens_nothing(self, acting, spoil):
        answer = call("GET", "/v1/projects", token=spoil(acting["token"]))
        assert answer.status == 401


class TestTheEnd:
    """Each on the very next request, whatever the authorizer remembers."""

    @pytest.fixture(autouse=True)
    def it_worked(self, acting):
        assert as_ada(acting, "GET", "/v1/projects").status == 200

    def refused(self, acting: dict[str, Any]) -> bool:
        answer = as_ada(acting, "GET", "/v1/projects")
        return (answer.status, answer.code) == (401, "acting_ended")

    def test_comes_when_the_tenant_says_so(self, acme: Company, acting):
        ended = acme.call("POST", f"/v1/operator-visits/{acting['id']}/end")
        assert (ended.status, self.refused(acting)) == (200, True)
        again = acme.call("POST", f"/v1/operator-visits/{acting['id']}/end")
        assert again.json == ended.json, "it ended once"

    def test_comes_when_the_operator_says_so(self, acme: Company, acting, ask: Ask):
        assert ask("end", tenant=acme.id, visit=acting["id"]) == {"ended": True}
        assert self.refused(acting)
        assert ask("end", tenant=acme.id, visit=acting["id"]) == {"ended": False}

    def test_comes_with_time(self, acme: Company, acting):
        acme.execute(
            "update app.impersonations set created_at = now() - interval '20 minutes', expires_at = now()"
            " where tenant_id = %(tenant_id)s"
        )
        assert self.refused(acting)

    @pytest.mark.parametrize("status", ["suspended", "removed", "deprovisioned"])
    def test_comes_when_the_member_is_gone(self, acme: Company, admin: UUID, acting, status: str):
        acme.execute("update app.members set status = %(status)s where id = %(id)s", status=status, id=admin)
        assert self.refused(acting)

    def test_comes_when_the_tenant_wants_no_support(self, acme: Company, admin: UUID, acting, ask: Ask):
        changed = acme.call("PATCH", "/v1/tenant", body={"support_access": False}, headers={"If-Match": "*"})
        assert (changed.status, changed.json["support_access"]) == (200, False)
        assert self.refused(acting)
        assert ask("act_as", tenant=acme.id, member=admin, minutes=5)["code"] == "support_refused"

    def test_a_power_that_the_member_lost_is_lost(self, acme: Company, admin: UUID, acting):
        acme.execute("update app.members set role = 'viewer' where id = %(id)s", id=admin)
        assert as_ada(acting, "POST", "/v1/projects", body={"name": "x"}).code == "permission_denied"

    def test_members_and_neighbours_end_nothing(self, acme: Company, globex: Company, acting):
        path = f"/v1/operator-visits/{acting['id']}/end"
        assert acme.call_as(acme.member("member"), "POST", path).code == "permission_denied"
        assert globex.call("POST", path).code == "not_found"
        assert not self.refused(acting)

    def test_is_announced_like_the_beginning(self, acme: Company, acting):
        acme.call("POST", f"/v1/operator-visits/{acting['id']}/end")
        told = acme.execute(
            "select type, data ->> 'ended_at' is not null from app.outbox"
            " where tenant_id = %(tenant_id)s and subject_id = %(id)s order by id", id=acting["id"],
        )  # fmt: skip
        assert told == [("operator_acting.started", False), ("operator_acting.ended", True)]
