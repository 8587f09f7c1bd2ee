"""The door decides on every request, whatever a cache believes: revocation holds on the very next one."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from freehold.callers import Identity, PersonCaller
from freehold.database import Database, database, one
from freehold.database.border import NestedUnit, NoUnitOfWork
from freehold.database.login import conninfo
from freehold.database.unit import UnitOver
from freehold.permissions import TENANT_READ, Access, Permission
from freehold.tenants import queries
from freehold.tenants.models import Tenant
from local.companies import Company, People
from local.gateway import call


class TestPerson:
    def test_a_removed_member_is_refused_on_the_next_request(self, acme: Company):
        member = acme.member("member")
        assert acme.call_as(member, "GET", "/v1/projects").status == 200
        acme.execute("update app.members set status = 'removed' where subject = %(subject)s", subject=member.subject)
        answer = acme.call_as(member, "GET", "/v1/projects")
        assert (answer.status, answer.code) == (403, "not_a_member")

    def test_a_removed_member_is_refused_without_a_tenant_header_too(self, acme: Company):
        member = acme.member("member")
        assert member.call("GET", "/v1/projects").status == 200, "the only tenant is now in the process's cache"
        acme.execute("update app.members set status = 'removed' where subject = %(subject)s", subject=member.subject)
        assert member.call("GET", "/v1/projects").code == "not_a_member"

    def test_a_suspended_member_is_refused(self, acme: Company):
        member = acme.member("member")
        acme.execute("update app.members set status = 'suspended' where subject = %(subject)s", subject=member.subject)
        assert acme.call_as(member, "GET", "/v1/projects").code == "not_a_member"

    def test_an_ended_session_is_refused_and_a_new_one_is_not(self, acme: Company, people: People):
        member = acme.member("member")
        acme.execute(
            "update app.members set sessions_ended_at = now() - interval '1 second' where subject = %(subject)s",
            subject=member.subject,
        )
        ages = {"iat": int((datetime.now(UTC) - timedelta(minutes=5)).timestamp())}
        old = people.issuer.mint(member.subject, "a@example.test", **ages)
        new = people.issuer.mint(member.subject, "a@example.test")
        headers = {"Freehold-Tenant": str(acme.id)}
        answers = [call("GET", "/v1/projects", token=token, headers=headers) for token in (old, new)]
        assert [(answer.status, answer.code) for answer in answers] == [(401, "session_ended"), (200, "")]

    def test_a_role_that_was_taken_holds_on_the_next_request(self, acme: Company):
        member = acme.member("admin")
        assert acme.call_as(member, "GET", "/v1/api-keys").status == 200
        acme.execute("update app.members set role = 'viewer' where subject = %(subject)s", subject=member.subject)
        assert acme.call_as(member, "GET", "/v1/api-keys").code == "permission_denied"

    def test_an_outsider_cannot_tell_a_tenant_from_none(self, acme: Company, people: People):
        outsider = people.somebody()
        none = "01a1fac8-0000-7000-8000-000000000000"
        answers = [outsider.call("GET", "/v1/tenant", headers={"Freehold-Tenant": t}) for t in (str(acme.id), none)]
        assert [{**answer.json, "request_id": None} for answer in answers[:1]] == [
            {**answer.json, "request_id": None} for answer in answers[1:]
        ]
        assert answers[0].code == "not_a_member"

    def test_the_same_subject_of_another_issuer_is_somebody_else(self, acme: Company):
        identity = Identity(issuer="https://evil.example", subject=acme.owner.subject, issued_at=datetime.now(UTC))
        caller = PersonCaller(tenant_id=acme.id, identity=identity, request_id="r", address="")
        with pytest.raises(Exception, match="not an active member"):
            database().one(caller, TENANT_READ, queries.tenant())


class TestTenantHeader:
    def test_is_not_needed_with_one_tenant(self, acme: Company):
        assert acme.owner.call("GET", "/v1/tenant").json["id"] == str(acme.id)

    def test_is_needed_with_two(self, acme: Company, people: People):
        other = people.company("Second", owner=acme.owner)
        answer = acme.owner.call("GET", "/v1/tenant")
        assert (answer.status, answer.code) == (400, "tenant_required")
        assert other.call("GET", "/v1/tenant").json["name"] == "Second"

    def test_is_needed_with_none(self, people: People):
        assert people.somebody().call("GET", "/v1/tenant").code == "tenant_required"

    def test_has_to_be_a_uuid(self, acme: Company):
        answer = acme.owner.call("GET", "/v1/tenant", headers={"Freehold-Tenant": "acme"})
        assert (answer.status, answer.code) == (422, "invalid_input")


class TestAccess:
    @pytest.mark.parametrize(
        ("access", "read", "write", "settings"),
        [
            ("full", 200, 201, 200),
            ("restricted", 200, 402, 200),
            ("suspended", 402, 402, 200),
        ],
    )
    def test_decides_what_still_works(self, acme: Company, access, read, write, settings):
        acme.execute("update app.tenants set access = %(access)s where id = %(tenant_id)s", access=access)
        assert acme.call("GET", "/v1/projects").status == read
        assert acme.call("POST", "/v1/projects", body={"name": "Apollo"}).status == write
        assert acme.call("GET", "/v1/tenant").status == settings

    def test_is_not_told_to_outsiders(self, acme: Company, people: People):
        acme.execute("update app.tenants set access = 'suspended' where id = %(tenant_id)s")
        answer = acme.call_as(people.somebody(), "GET", "/v1/projects")
        assert answer.code == "not_a_member"


class TestMistakesOfOurs:
    def test_an_unknown_permission_is_an_error_not_a_pass(self, acme: Company):
        unknown = Permission(name="nothing:read", description="", held_by=(), needs=Access.FULL)
        caller = as_owner(acme)
        with pytest.raises(Exception, match="unknown_permission"):
            database().one(caller, unknown, queries.tenant())

    def test_no_unit_of_work_is_loud_on_a_fresh_and_on_a_used_connection(self, acme: Company):
        everything = one(Tenant, f"select {queries.COLUMNS} from app.tenants")
        used, fresh = database(), Database(conninfo("freehold_api"))
        for connection in (fresh, used):
            for _ in range(14):
                with pytest.raises(NoUnitOfWork):
                    connection.outside(everything)
        fresh.close()

    def test_a_second_entrance_in_a_unit_is_refused(self, acme: Company, globex: Company):
        identity = Identity(issuer=acme.people.issuer.url, subject=globex.owner.subject, issued_at=datetime.now(UTC))
        caller = PersonCaller(tenant_id=globex.id, identity=identity, request_id="r", address="")
        again = one(
            Tenant,
            "select t.* from app.tenants t, lateral (select app.enter(%(tenant_id)s, 1, %(issuer)s, %(subject)s, now(),"
            " false, 'tenant:read', false, 'r', '')) entered",
            issuer=identity.issuer,
            subject=identity.subject,
        )
        with pytest.raises(Exception, match="already_entered"):
            database().one(caller, TENANT_READ, again)

    def test_a_query_cannot_write(self, acme: Company):
        caller = as_owner(acme)
        sneaky = one(Tenant, "update app.tenants set name = 'x' where id = %(tenant_id)s returning *")
        with pytest.raises(Exception, match="read-only transaction"):
            database().one(caller, TENANT_READ, sneaky)

    def test_a_unit_inside_a_unit_is_refused_and_nothing_of_it_happens(self, acme: Company):
        caller = as_owner(acme)
        with pytest.raises(NestedUnit), database().transaction(caller, TENANT_READ):
            database().one(caller, TENANT_READ, queries.tenant())
        assert database().one(caller, TENANT_READ, queries.tenant()).name == "Acme"

    def test_a_unit_that_was_kept_shows_nothing_of_the_next_tenant(self, acme: Company, globex: Company):
        whoever = one(Tenant, f"select {queries.COLUMNS} from app.tenants")
        with database().transaction(as_owner(acme), TENANT_READ) as kept:
            assert kept.get(whoever).name == "Acme"
        with database().transaction(as_owner(globex), TENANT_READ) as transaction:
            assert transaction.get(whoever).name == "Globex"
            for use in (kept.get, kept.put):
                with pytest.raises(UnitOver):
                    use(whoever)

    @pytest.mark.parametrize(
        "entrance",
        [
            "app.enter({tenant}, null, {issuer}, {subject}, now(), false, 'tenant:read', false, 'r', '')",
            "app.enter({tenant}, 1, {issuer}, {subject}, null, false, 'tenant:read', false, 'r', '')",
            "app.enter({tenant}, 1, {issuer}, {subject}, now(), false, null, false, 'r', '')",
            "app.enter({tenant}, 1, {issuer}, {subject}, now(), false, 'tenant:read', false, null, '')",
            "app.enter({tenant}, 1, {issuer}, null, now(), false, 'tenant:read', false, 'r', '')",
            "app.enter({tenant}, 1, null, {subject}, now(), false, 'tenant:read', false, 'r', '')",
            "app.enter(null, 1, {issuer}, {subject}, now(), false, 'tenant:read', false, 'r', '')",
            "app.enter_key({tenant}, 1, null, 'tenant:read', false, 'r', '')",
        ],
    )
    def test_an_argument_that_is_missing_opens_nothing(self, acme: Company, server, entrance: str):
        names = {
            "tenant": f"'{acme.id}'",
            "issuer": f"'{acme.people.issuer.url}'",
            "subject": f"'{acme.owner.subject}'",
        }
        with psycopg.connect(server.conninfo(user="freehold_api", database="freehold"), autocommit=True) as connection:
            good = "app.enter({tenant}, 1, {issuer}, {subject}, now(), false, 'tenant:read', false, 'r', '')".format(
                **names
            )
            connection.execute(f"select {good}")
            with pytest.raises(psycopg.Error):
                connection.execute(f"select {entrance.format(**names)}")

    def test_the_units_time_is_limited_not_only_each_statements(self, server):
        with psycopg.connect(server.conninfo(user="freehold_api", database="freehold")) as connection:
            shown = [
                connection.execute(f"show {name}").fetchone() for name in ("statement_timeout", "transaction_timeout")
            ]
        assert shown == [("9s",), ("10s",)], "the transaction's has to be the longer, or it hides the statement's"


def as_owner(company: Company) -> PersonCaller:
    identity = Identity(issuer=company.people.issuer.url, subject=company.owner.subject, issued_at=datetime.now(UTC))
    return PersonCaller(tenant_id=company.id, identity=identity, request_id="r", address="")


class TestNetBeneath:
    """Row-level security catches what a statement forgot, on a connection that others have used."""

    def test_a_statement_without_a_filter_sees_its_own_tenant_only(self, acme: Company, globex: Company):
        unfiltered = one(Tenant, f"select {queries.COLUMNS} from app.tenants")
        for _ in range(14):
            for company in (acme, globex):
                assert database().one(as_owner(company), TENANT_READ, unfiltered).id == company.id
