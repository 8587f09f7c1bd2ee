"""/scim/v2, /v1/scim-tokens and /v1/groups through their handlers: who may, who is in, and who is out at once."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from local.companies import Company
from local.gateway import Answer, call
from tests.functions.guests import guest, invite, mailed
from tests.functions.guests import joined as joined_by_mail

type Scim = Callable[..., Answer]

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
JOHN = {"userName": "john@acme.test", "emails": [{"value": "john@acme.test", "type": "work", "primary": True}]}
OUT, IN = (
    {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "active", "value": v}]} for v in (False, True)
)


def token(company: Company, role: str = "member", **more: str) -> dict[str, Any]:
    return company.call("POST", "/v1/scim-tokens", body={"name": "D", "default_role": role, **more}).json


def sending(secret: str) -> Scim:
    def send(method: str, path: str, body: object = None, query: dict | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(method, f"/scim/v2{path}", token=secret, body=body, query=query, headers=named)

    return send


@pytest.fixture
def scim(acme: Company) -> Scim:
    return sending(token(acme)["secret"])


def user(scim: Scim, name: str = "john@acme.test", **more: object) -> str:
    return scim("POST", "/Users", {**JOHN, "userName": name, "emails": [{"value": name}], **more}).json["id"]


def group(scim: Scim, *members: str, name: str = "Engines") -> str:
    return scim("POST", "/Groups", {"displayName": name, "members": [{"value": m} for m in members]}).json["id"]


def joining(member_id: str) -> dict[str, Any]:
    return {"Operations": [{"op": "add", "path": "members", "value": [{"value": member_id}]}]}


def member(company: Company, member_id: str) -> dict[str, Any]:
    [row] = company.execute(
        "select to_jsonb(m) from app.members m where tenant_id = %(tenant_id)s and id = %(id)s", id=member_id
    )
    return row[0]


def joined(company: Company, role: str = "member") -> tuple[Any, str]:
    """Somebody who signs in, and their id."""
    person = company.member(role)
    [[found]] = company.execute(
        "select id from app.members where tenant_id = %(tenant_id)s and subject = %(s)s", s=person.subject
    )
    return person, str(found)


class TestToken:
    def test_is_shown_once_and_kept_as_a_hash(self, acme: Company):
        made = token(acme)
        assert made["secret"].startswith("fh_scim_test_")
        assert made["secret"] not in acme.call("GET", "/v1/scim-tokens").body
        assert made["secret"] not in str(
            acme.execute("select to_jsonb(t) from app.scim_tokens t where tenant_id = %(tenant_id)s")
        )

    def test_is_refused_once_it_is_revoked(self, acme: Company):
        made = token(acme)
        assert sending(made["secret"])("GET", "/Users").status == 200, "the control"
        assert acme.call("DELETE", f"/v1/scim-tokens/{made['id']}").status == 204
        assert sending(made["secret"])("GET", "/Users").status == 401

    def test_is_refused_once_it_has_expired(self, acme: Company):
        made = token(acme, expires_at="2999-01-01T00:00:00Z")
        acme.execute(
            "update app.scim_tokens set expires_at = now() - interval '1 second' where tenant_id = %(tenant_id)s"
        )
        assert sending(made["secret"])("GET", "/Users").status == 401

    @pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t.replace("_test_", "_live_"), lambda t: f"{t}x"])
    def test_that_is_mistyped_says_so(self, acme: Company, spoil: Callable[[str], str]):
        answer = sending(spoil(token(acme)["secret"]))("GET", "/Users")
        assert (answer.status, answer.json["schemas"]) == (401, [ERROR])

    def test_is_good_for_scim_only_and_nothing_else_is(self, acme: Company):
        key = acme.key("tenant:read", "members:read")["secret"]
        secret = token(acme)["secret"]
        assert call("GET", "/v1/members", token=secret).code == "scim_token_misplaced"
        assert call("GET", "/v1/tenants", token=secret).code == "scim_token_misplaced"
        assert {call("GET", "/scim/v2/Users", token=other).status for other in (key, acme.owner.token)} == {403}

    def test_confers_nothing_that_its_maker_does_not_hold_and_nobody_ownership(self, acme: Company):
        admin = acme.member("admin")
        body = {"name": "D", "default_role": "owner"}
        assert acme.call("POST", "/v1/scim-tokens", body=body).code == "invalid_input"
        made = acme.call_as(acme.member("member"), "POST", "/v1/scim-tokens", body={**body, "default_role": "viewer"})
        assert made.code == "permission_denied"
        assert acme.call_as(admin, "POST", "/v1/scim-tokens", body={**body, "default_role": "admin"}).status == 201

    def test_lives_on_when_whoever_made_it_has_left(self, acme: Company):
        admin, admin_id = joined(acme, "admin")
        secret = acme.call_as(admin, "POST", "/v1/scim-tokens", body={"name": "D", "default_role": "member"}).json[
            "secret"
        ]
        scim = sending(secret)
        assert scim("PATCH", f"/Users/{admin_id}", OUT).status == 200
        assert acme.call_as(admin, "GET", "/v1/tenant").status == 403
        assert scim("GET", "/Users").status == 200


class TestUser:
    def test_is_a_member_with_the_default_role(self, acme: Company, scim: Scim):
        row = member(acme, user(scim, externalId="e"))
        assert (row["role"], row["status"], row["email"], row["issuer"]) == ("member", "active", "john@acme.test", None)

    def test_exists_once(self, acme: Company, scim: Scim):
        user(scim)
        again = scim("POST", "/Users", {**JOHN, "userName": "JOHN@acme.test"})
        assert (again.status, again.json["scimType"]) == (409, "uniqueness")

    def test_is_made_once_however_often_the_request_comes(self, acme: Company, scim: Scim):
        one, two = (scim("POST", "/Users", JOHN, idempotency_key="k") for _ in range(2))
        assert (one.json["id"], two.headers["idempotency-replayed"]) == (two.json["id"], "true")

    def test_of_another_tenant_is_not_there(self, acme: Company, globex: Company, scim: Scim):
        path = f"/Users/{user(scim)}"
        other = sending(token(globex)["secret"])
        assert scim("GET", path).status == 200, "the control"
        assert {
            other(verb, path, body).status
            for verb, body in (("GET", None), ("PATCH", OUT), ("PUT", JOHN), ("DELETE", None))
        } == {404}

    def test_the_trail_names_the_connection(self, acme: Company):
        made = token(acme)
        changed = user(sending(made["secret"]))
        rows = acme.execute(
            "select principal from app.audit where tenant_id = %(tenant_id)s and row_id = %(id)s", id=changed
        )
        assert rows == [(f"scim:{made['id']}",)]

    def test_changes_are_announced(self, acme: Company, scim: Scim):
        path = f"/Users/{user(scim)}"
        for body in (OUT, IN):
            scim("PATCH", path, body)
        told = acme.execute(
            "select type from app.outbox where tenant_id = %(tenant_id)s and subject_id = %(id)s order by id",
            id=path[7:],
        )
        assert told == [("member.joined",), ("member.deprovisioned",), ("member.changed",)]

    def test_with_an_old_version_is_not_changed(self, scim: Scim):
        path = f"/Users/{user(scim)}"
        old = scim("GET", path).headers["etag"]
        assert scim("GET", path, if_none_match=old).status == 304
        assert scim("PATCH", path, OUT, if_match=old).status == 200
        assert scim("GET", path, if_none_match=old).status == 200
        assert scim("PATCH", path, IN, if_match=old).status == 412
        assert scim("DELETE", path, if_match=old).status == 412

    def test_is_gone_when_deleted_and_can_be_made_again(self, acme: Company, scim: Scim):
        path = f"/Users/{user(scim)}"
        assert scim("DELETE", path).status == 204
        assert (scim("GET", path).status, scim("DELETE", path).status) == (404, 404)
        assert member(acme, path[7:])["status"] == "removed"
        assert scim("POST", "/Users", JOHN).status == 201


class TestLeaver:
    def test_is_out_with_their_session_and_their_keys_from_the_next_request_on(self, acme: Company, scim: Scim):
        person, member_id = joined(acme, "admin")
        key = acme.call_as(person, "POST", "/v1/api-keys", body={"name": "K", "scopes": ["projects:read"]}).json[
            "secret"
        ]
        assert {acme.call_as(person, "GET", "/v1/projects").status, call("GET", "/v1/projects", token=key).status} == {
            200
        }
        assert scim("PATCH", f"/Users/{member_id}", OUT).json["active"] is False
        assert acme.call_as(person, "GET", "/v1/projects").code == "not_a_member"
        assert call("GET", "/v1/projects", token=key).code == "api_key_refused"

    def test_has_no_invitation_left_that_would_let_them_in(self, acme: Company, scim: Scim):
        who = guest(acme)
        invited = invite(acme, who.email, "admin")
        link, john = mailed(acme, invited), user(scim, who.email)
        assert acme.call("GET", f"/v1/invitations/{invited['id']}").json["status"] == "pending"
        assert scim("PATCH", f"/Users/{john}", OUT).status == 200
        assert acme.call("GET", f"/v1/invitations/{invited['id']}").json["status"] == "revoked"
        assert who.accept(link).code == "invitation_gone"

    def test_who_accepts_an_invitation_is_the_one_whom_the_directory_takes_out(self, acme: Company, scim: Scim):
        who = guest(acme)
        link = mailed(acme, invite(acme, who.email, "admin"))
        john = user(scim, who.email)
        accepted = who.accept(link)
        assert (accepted.status, accepted.json["member_id"]) == (200, john)
        assert (member(acme, john)["role"], who.accept(link).json["member_id"]) == ("member", john)
        assert acme.call_as(who.person, "GET", "/v1/projects").status == 200
        assert scim("PATCH", f"/Users/{john}", OUT).status == 200
        assert acme.call_as(who.person, "GET", "/v1/projects").code == "not_a_member"

    def test_who_was_taken_out_before_they_came_is_invited_by_nobody(self, acme: Company, scim: Scim):
        john = user(scim)
        assert scim("PATCH", f"/Users/{john}", OUT).status == 200
        body = {"email": "john@acme.test", "role": "member"}
        assert acme.call("POST", "/v1/invitations", body=body).code == "already_a_member"

    def test_is_not_made_a_second_time_under_another_name(self, acme: Company, scim: Scim):
        who = joined_by_mail(acme)
        refused = scim("POST", "/Users", {"userName": "somebody", "emails": [{"value": who.email}]})
        assert (refused.status, refused.json["scimType"]) == (409, "uniqueness")
        found = scim("GET", "/Users", query={"filter": f'emails.value eq "{who.email}"'})
        assert found.json["totalResults"] == 1

    @pytest.mark.parametrize("named", ["userName", "emails"])
    def test_is_not_shut_in_by_somebody_who_takes_their_name(self, acme: Company, scim: Scim, named: str):
        who, pia = joined_by_mail(acme), user(scim, "pia@acme.test")
        value = who.email if named == "userName" else [{"value": who.email}]
        refused = scim("PATCH", f"/Users/{pia}", {"Operations": [{"op": "replace", "path": named, "value": value}]})
        assert (refused.status, refused.json["scimType"]) == (409, "uniqueness")
        [found] = scim("GET", "/Users", query={"filter": f'emails.value eq "{who.email}"'}).json["Resources"]
        assert scim("PATCH", f"/Users/{found['id']}", OUT).status == 200
        assert acme.call_as(who.person, "GET", "/v1/tenant").code == "not_a_member"

    def test_comes_back_by_the_directory_with_no_old_session_and_no_old_key(self, acme: Company, scim: Scim):
        person, member_id = joined(acme)
        for body in (OUT, IN):
            assert scim("PATCH", f"/Users/{member_id}", body).status == 200
        assert member(acme, member_id)["status"] == "active"
        assert acme.call_as(person, "GET", "/v1/projects").code == "session_ended"

    def test_who_was_suspended_by_an_admin_comes_back_suspended(self, acme: Company, scim: Scim):
        _, member_id = joined(acme)
        acme.execute(
            "update app.members set status = 'suspended' where tenant_id = %(tenant_id)s and id = %(id)s", id=member_id
        )
        for body in (IN, OUT, IN):
            assert scim("PATCH", f"/Users/{member_id}", body).status == 200
        assert member(acme, member_id)["status"] == "suspended"

    def test_who_was_removed_by_an_admin_does_not_come_back(self, acme: Company, scim: Scim):
        _, member_id = joined(acme)
        acme.execute(
            "update app.members set status = 'removed' where tenant_id = %(tenant_id)s and id = %(id)s", id=member_id
        )
        assert scim("PATCH", f"/Users/{member_id}", IN).status == 404

    @pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
    def test_is_no_owner_where_an_admin_has_connected_the_directory(self, acme: Company, verb: str):
        secret = acme.call_as(
            acme.member("admin"), "POST", "/v1/scim-tokens", body={"name": "D", "default_role": "member"}
        ).json["secret"]
        (_, owner), (_, equal) = joined(acme, "owner"), joined(acme, "admin")
        out = OUT if verb == "PATCH" else None
        assert sending(secret)(verb, f"/Users/{owner}", out).status == 403
        assert sending(secret)(verb, f"/Users/{equal}", out).status in {200, 204}

    @pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
    def test_is_never_the_last_owner(self, acme: Company, scim: Scim, verb: str):
        [[owner]] = acme.execute("select id from app.members where tenant_id = %(tenant_id)s and role = 'owner'")
        refused = scim(verb, f"/Users/{owner}", OUT if verb == "PATCH" else None)
        assert (refused.status, "active owner" in refused.json["detail"]) == (409, True)
        acme.member("owner")
        assert scim(verb, f"/Users/{owner}", OUT if verb == "PATCH" else None).status in (200, 204), "the control"

    def test_who_held_more_than_the_connection_is_not_let_in_again_nor_given_another_address(
        self, acme: Company, scim: Scim
    ):
        _, member_id = joined(acme, "admin")
        stolen = {"Operations": [{"op": "replace", "path": "emails", "value": [{"value": "thief@acme.test"}]}]}
        assert scim("PATCH", f"/Users/{member_id}", stolen).status == 403
        assert scim("PATCH", f"/Users/{member_id}", OUT).status == 200
        assert scim("PATCH", f"/Users/{member_id}", IN).status == 403


class TestGroup:
    def test_confers_its_role_and_takes_it_away(self, acme: Company, scim: Scim):
        one = user(scim)
        path = group(scim, one)
        assert member(acme, one)["role"] == "member"
        assert acme.call("PUT", f"/v1/groups/{path}", body={"role": "admin"}).json["role"] == "admin"
        assert member(acme, one)["role"] == "admin"
        scim("PATCH", f"/Groups/{path}", {"Operations": [{"op": "remove", "path": "members"}]})
        assert member(acme, one)["role"] == "member"

    def test_that_is_strongest_counts(self, acme: Company, scim: Scim):
        one = user(scim)
        weak, strong = group(scim, one, name="A"), group(scim, one, name="B")
        for named, role in ((weak, "viewer"), (strong, "admin")):
            acme.call("PUT", f"/v1/groups/{named}", body={"role": role})
        assert member(acme, one)["role"] == "admin"
        assert scim("DELETE", f"/Groups/{strong}").status == 204
        assert member(acme, one)["role"] == "viewer"

    def test_confers_nothing_that_the_admin_does_not_hold_and_nobody_ownership(self, acme: Company, scim: Scim):
        path = f"/v1/groups/{group(scim, user(scim))}"
        role = acme.execute(
            "insert into app.roles (name, permissions) values ('Boss', '{tenant:own,tenant:read}') returning id"
        )[0][0]
        admin = acme.member("admin")
        assert acme.call("PUT", path, body={"role": "owner"}).code == "invalid_input"
        assert acme.call_as(admin, "PUT", path, body={"role": str(role)}).code == "exceeds_yours"
        assert acme.call("PUT", path, body={"role": str(role)}).status == 200, "the control: an owner holds it"

    def test_gives_no_more_than_whoever_has_connected_the_directory_holds(self, acme: Company, scim: Scim):
        strong = group(scim, name="Admins")
        assert acme.call("PUT", f"/v1/groups/{strong}", body={"role": "admin"}).status == 200
        keeper = acme.member(
            acme.role("tenant:read", "members:read", "scim:read", "scim:write", "decisions:read", name="Keeper")
        )
        weak = acme.call_as(keeper, "POST", "/v1/scim-tokens", body={"name": "D", "default_role": "guest"}).json
        theirs = sending(weak["secret"])
        mine = theirs("POST", "/Users", {"userName": "eve@acme.test"}).json["id"]
        assert theirs("PATCH", f"/Groups/{strong}", joining(mine)).status == 403
        assert member(acme, mine)["role"] == "guest"
        other = user(scim, "adam@acme.test")
        assert scim("PATCH", f"/Groups/{strong}", joining(other)).status == 200
        assert member(acme, other)["role"] == "admin", "the control: an owner has connected this one"

    def test_default_role_that_has_grown_since_confers_no_more_than_that_either(self, acme: Company):
        keeper = acme.member(acme.role("tenant:read", "scim:read", "scim:write", "decisions:read", name="Keeper"))
        grows = acme.role("tenant:read", name="Grows")
        made = acme.call_as(keeper, "POST", "/v1/scim-tokens", body={"name": "D", "default_role": grows}).json
        theirs = sending(made["secret"])
        assert theirs("POST", "/Users", {"userName": "before@acme.test"}).status == 201, "the control"
        more = {"permissions": ["tenant:read", "members:write"]}
        assert acme.call("PATCH", f"/v1/roles/{grows}", body=more, headers={"If-Match": "*"}).status == 200
        assert theirs("POST", "/Users", {"userName": "after@acme.test"}).status == 403

    def test_leaves_who_was_not_made_by_the_directory_as_they_are(self, acme: Company, scim: Scim):
        _, member_id = joined(acme, "admin")
        path = group(scim, member_id)
        acme.call("PUT", f"/v1/groups/{path}", body={"role": "viewer"})
        assert member(acme, member_id)["role"] == "admin"

    def test_takes_nobody_of_another_tenant(self, acme: Company, globex: Company, scim: Scim):
        stranger = user(sending(token(globex)["secret"]))
        refused = scim("POST", "/Groups", {"displayName": "A", "members": [{"value": stranger}]})
        assert (refused.status, refused.json["scimType"]) == (400, "invalidValue")


class TestHostile:
    def test_ten_thousand_members_are_refused_in_a_sentence(self, scim: Scim):
        path = f"/Groups/{group(scim)}"
        many = [{"value": str(uuid.uuid4())} for _ in range(10_000)]
        for op in ("add", "remove", "replace"):
            refused = scim("PATCH", path, {"Operations": [{"op": op, "path": "members", "value": many}]})
            assert (refused.status, "at most 1000" in refused.json["detail"]) == (413, True)
        assert scim("PUT", path, {"displayName": "A", "members": many}).status == 413

    @pytest.mark.parametrize(
        "text",
        [
            "(" * 900,
            "userName eq",
            'userName eq "a',
            'userName eq "\\ud800"',
            'displayName co "\\u0000"',
            'title eq "a"',
            'userName gt "a"',
            "userName pr",
            'not (userName eq "a")',
            " or ".join(['userName eq "a"'] * 30),
            "userName eq 1",
            'active eq "maybe"',
            'emails[value co "a" and x eq "b"]',
            "'; drop table app.members; --",
            'userName eq "a" ' * 100,
        ],
    )
    def test_filters_that_nobody_can_read_are_refused(self, scim: Scim, text: str):
        refused = scim("GET", "/Users", query={"filter": text})
        assert (refused.status, refused.json.get("scimType")) == (400, "invalidFilter"), refused

    @pytest.mark.parametrize("name", ['a"b', "a\\b", "a' or '1'='1", "a%b_c", "ünï\u2028code"])
    def test_names_of_any_letters_are_found_and_nothing_else_is(self, scim: Scim, name: str):
        user(scim, "other@acme.test")
        made = scim("POST", "/Users", {"userName": name})
        assert made.status == 201, made
        for operator in ("eq", "co", "sw"):
            found = scim("GET", "/Users", query={"filter": f"userName {operator} {json.dumps(name)}"}).json
            assert [each["id"] for each in found["Resources"]] == [made.json["id"]]

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ({"count": "0"}, 200),
            ({"count": "-1"}, 200),
            ({"startIndex": "0"}, 200),
            ({"startIndex": "9" * 20}, 400),
            ({"count": "a"}, 400),
            ({"sortBy": "password"}, 400),
            ({"sortBy": "userName", "sortOrder": "descending"}, 200),
        ],
    )
    def test_pages_are_bounded(self, scim: Scim, query: dict[str, str], status: int):
        assert scim("GET", "/Users", query=query).status == status

    @pytest.mark.parametrize("path", ["/Users/x", "/Users/../x", f"/Groups/{uuid.uuid4()}", "/Nothing"])
    def test_what_is_not_there_is_404(self, scim: Scim, path: str):
        assert scim("GET", path.replace("/../", "%2F")).status == 404

    @pytest.mark.parametrize(
        "body",
        [
            {"userName": "x" * 300},
            {"userName": "a\u200b\u0007"},
            {},
            {"userName": 5},
            [],
            "a",
            {"userName": "a", "emails": [{"value": "none"}]},
            {"userName": "a", "active": "maybe"},
        ],
    )
    def test_people_who_cannot_be_are_refused(self, scim: Scim, body: object):
        assert scim("POST", "/Users", body).status == 400

    def test_bulk_is_refused_as_the_configuration_says(self, scim: Scim):
        assert scim("POST", "/Bulk", {"Operations": []}).status == 501
        assert scim("GET", "/ServiceProviderConfig").json["bulk"]["supported"] is False
