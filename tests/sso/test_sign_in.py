"""Who comes in by a tenant's own provider, and as whom."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.sso import service
from local.companies import Company, People
from local.gateway import call
from local.postgres import Postgres
from tests.functions.guests import guest, invite, mailed
from tests.sso.conftest import Tenant, forget

SIGN_IN = ("POST", "/v1/sign-ins")
ANY = {"If-Match": "*"}


class TestFirstTime:
    def test_makes_a_member_with_the_connections_role(self, tenant: Tenant):
        employee = tenant.employee()
        assert employee.call("GET", "/v1/tenant").code == "not_a_member", "nobody is one before"
        answer = employee.call(*SIGN_IN)
        assert (answer.status, answer.json["outcome"], answer.json["role"]) == (200, "joined", "member")
        assert answer.json["tenant_id"] == str(tenant.company.id)
        assert employee.call("GET", "/v1/tenant").json["id"] == str(tenant.company.id), "no header is needed"
        assert employee.call("POST", "/v1/projects", body={"name": "Ours"}).status == 201
        assert employee.call("GET", "/v1/tenants").json["items"][0]["member_id"] == answer.json["member_id"]

    def test_is_audited_as_the_members_own_and_announced(self, tenant: Tenant):
        member = tenant.employee().call(*SIGN_IN).json["member_id"]
        [(principal,)] = tenant.company.execute(
            "select principal from app.audit where tenant_id = %(tenant_id)s and action = 'members.insert'"
            " and row_id = %(id)s",
            id=member,
        )
        [(kind,)] = tenant.company.execute(
            "select type from app.outbox where tenant_id = %(tenant_id)s and subject_id = %(id)s", id=member
        )
        assert (principal, kind) == (f"member:{member}", "member.joined")

    def test_gives_a_role_of_the_tenants_own(self, acme: Company, connect: Callable[..., Tenant]):
        [(role,)] = acme.execute(
            "insert into app.roles (name, permissions) values ('Reader', '{tenant:read,projects:read}') returning id"
        )
        employee = connect(acme, default_role=str(role)).signed_in()
        assert employee.call("GET", "/v1/projects").status == 200
        assert employee.call("POST", "/v1/projects", body={"name": "No"}).status == 403

    @pytest.mark.parametrize(
        "claims",
        [
            {"email": "x@elsewhere.example"},
            {"email": None},
            {"email_verified": False},
            {"email_verified": None},
            {"email": "x@sub.{domain}"},
            {"email": "x@{domain}.evil.example"},
            {"email": "{domain}"},
        ],
        ids=str,
    )
    def test_takes_an_address_that_the_provider_has_verified_in_a_verified_domain(self, tenant: Tenant, claims: Any):
        told = {
            name: value.format(domain=tenant.domain) if isinstance(value, str) else value
            for name, value in claims.items()
        }
        email = told.pop("email", f"x@{tenant.domain}")
        token = tenant.provider.mint("s", "", None, **{"aud": tenant.audience, "email": email, **told})
        person = tenant.employee()
        refused = type(person)(token, "s").call(*SIGN_IN)
        assert (refused.status, refused.code) == (403, "not_a_member")
        assert person.call(*SIGN_IN).status == 200, "the control"

    def test_of_a_domain_that_is_not_verified_is_refused(self, tenant: Tenant):
        tenant.company.execute("delete from app.domains where tenant_id = %(tenant_id)s")
        tenant.company.execute("insert into app.domains (name, challenge) values (%(name)s, 'x')", name=tenant.domain)
        assert tenant.employee().call(*SIGN_IN).status == 403

    def test_without_jit_is_for_nobody(self, acme: Company, connect: Callable[..., Tenant]):
        tenant = connect(acme, jit=False)
        assert tenant.employee().call(*SIGN_IN).status == 403
        version = {"If-Match": "*"}
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        assert acme.call("PATCH", path, body={"jit": True}, headers=version).status == 200
        assert tenant.employee().call(*SIGN_IN).status == 200

    def test_by_several_at_once_makes_one_member(self, tenant: Tenant, server: Postgres):
        visitor, answers = tenant.visitor("twin"), []

        def come() -> None:
            db = Database(server.conninfo(user="freehold_api", database=DATABASE))
            answers.append(service.sign_in(db, visitor).outcome)
            db.close()

        threads = [threading.Thread(target=come) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == ["joined", *["known"] * 5]
        assert len(tenant.members(f"twin@{tenant.domain}")) == 1

    def test_of_somebody_of_a_common_issuer_is_refused(self, tenant: Tenant):
        refused = tenant.company.owner.call(*SIGN_IN)
        assert (refused.status, refused.code) == (403, "not_a_member")
        assert "own identity provider" in refused.json["detail"]


class TestAgain:
    def test_answers_the_same_member(self, tenant: Tenant):
        employee = tenant.employee()
        first, second = employee.call(*SIGN_IN), employee.call(*SIGN_IN)
        assert (second.json["outcome"], second.json["member_id"]) == ("known", first.json["member_id"])

    @pytest.mark.parametrize("status", ["suspended", "deprovisioned", "removed"])
    def test_never_revives_whoever_was_taken_out(self, tenant: Tenant, status: str):
        email = f"gone-{status}@{tenant.domain}"
        employee = tenant.signed_in(subject=f"gone-{status}", email=email)
        tenant.company.execute(
            "update app.members set status = %(status)s where tenant_id = %(tenant_id)s and email = %(email)s",
            status=status, email=email,
        )  # fmt: skip
        another = tenant.employee(subject="a-new-subject", email=email)
        for person in (employee, another):
            assert person.call(*SIGN_IN).code == "not_a_member"
        assert employee.call("GET", "/v1/tenant").code == "not_a_member"
        assert [row[2] for row in tenant.members(email)] == [status]

    def test_is_refused_with_a_token_from_before_the_sessions_were_ended(self, tenant: Tenant):
        employee = tenant.signed_in()
        tenant.company.execute("update app.members set sessions_ended_at = now() where tenant_id = %(tenant_id)s")
        assert employee.call(*SIGN_IN).code == "session_ended"


class TestLink:
    def make(self, tenant: Tenant, role: str, **columns: Any) -> tuple[str, Any]:
        email = f"{role}-{len(columns)}@{tenant.domain}"
        person = tenant.company.member(role)
        tenant.company.execute(
            "update app.members set email = %(email)s, status = %(status)s, break_glass = %(glass)s"
            " where tenant_id = %(tenant_id)s and subject = %(subject)s",
            email=email.upper(), subject=person.subject, status=columns.get("status", "active"),
            glass=columns.get("glass", False),
        )  # fmt: skip
        return email, person

    def test_a_member_with_the_address_signs_in_by_the_provider_from_now_on(self, tenant: Tenant):
        email, person = self.make(tenant, "admin")
        [(member_id, role, _)] = tenant.members(email)
        answer = tenant.employee(email=email).call(*SIGN_IN)
        assert (answer.json["outcome"], answer.json["member_id"], answer.json["role"]) == (
            "linked",
            str(member_id),
            role,
        )
        assert tenant.company.call_as(person, "GET", "/v1/tenant").code == "not_a_member", "the old way is over"
        assert person.call("GET", "/v1/tenants").json["items"] == []
        [(kind,)] = tenant.company.execute(
            "select type from app.outbox where tenant_id = %(tenant_id)s and subject_id = %(id)s", id=member_id
        )
        assert kind == "member.linked"

    @pytest.mark.parametrize("status", ["suspended", "deprovisioned", "removed"])
    def test_never_revives_whoever_was_taken_out(self, tenant: Tenant, status: str):
        email, _ = self.make(tenant, "viewer", status=status)
        assert tenant.employee(email=email).call(*SIGN_IN).code == "not_a_member"
        assert len(tenant.members(email)) == 1

    def test_a_break_glass_owner_stays_as_they_are(self, tenant: Tenant):
        email, _ = self.make(tenant, "owner", glass=True)
        assert tenant.employee(email=email).call(*SIGN_IN).code == "not_linked"

    def test_an_administrators_connection_takes_over_no_owner(self, acme: Company, connect: Callable[..., Tenant]):
        admin = acme.member("admin")
        tenant = connect(acme)
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        changed = acme.call_as(admin, "PATCH", path, body={"default_role": "viewer"}, headers={"If-Match": "*"})
        assert changed.status == 200
        email, _ = self.make(tenant, "owner")
        assert tenant.employee(email=email).call(*SIGN_IN).code == "not_linked"
        assert acme.call("PATCH", path, body={"default_role": "member"}, headers={"If-Match": "*"}).status == 200
        assert tenant.employee(email=email).call(*SIGN_IN).json["outcome"] == "linked", "an owner answers for it now"

    @pytest.mark.parametrize("status", ["suspended", "removed"])
    def test_nobody_answers_for_a_connection_of_somebody_who_is_gone(
        self, acme: Company, connect: Callable[..., Tenant], status: str
    ):
        admin, tenant = acme.member("admin"), connect(acme)
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        assert acme.call_as(admin, "PATCH", path, body={"default_role": "admin"}, headers=ANY).status == 200
        email, _ = self.make(tenant, "viewer")
        acme.execute(
            "update app.members set status = %(status)s where tenant_id = %(tenant_id)s and subject = %(subject)s",
            status=status, subject=admin.subject,
        )  # fmt: skip
        assert tenant.employee(email=email).call(*SIGN_IN).code == "not_linked"
        assert tenant.employee().call(*SIGN_IN).code == "not_linked", "nor as somebody new"
        assert acme.call("PATCH", path, body={"default_role": "viewer"}, headers=ANY).status == 200
        assert tenant.employee(email=email).call(*SIGN_IN).json["outcome"] == "linked"
        assert tenant.employee().call(*SIGN_IN).json["role"] == "viewer"

    def test_whoever_was_granted_more_is_not_taken_over(self, acme: Company, connect: Callable[..., Tenant]):
        custom = acme.role("tenant:read", "sso:read", "sso:write", name="Doorkeeper")
        keeper, tenant = acme.member(custom), connect(acme, default_role="guest")
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        assert acme.call_as(keeper, "PATCH", path, body={"jit": False}, headers=ANY).status == 200
        email, person = self.make(tenant, "guest")
        assert tenant.employee(email=email).call(*SIGN_IN).status == 200, "the control"
        email, person = self.make(tenant, "guest", status="active")
        acme.grant(person, acme.project()["id"], "admin")
        assert tenant.employee(email=email).call(*SIGN_IN).code == "not_linked"

    def test_a_key_connects_nobody(self, acme: Company, connect: Callable[..., Tenant]):
        tenant, key = connect(acme), acme.key("tenant:read", "sso:read", "sso:write")["secret"]
        body = {"issuer": "https://mine.example.test", "audience": "x", "default_role": "guest"}
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        refused = (
            call("POST", "/v1/sso-connections", token=key, body=body),
            call("PATCH", path, token=key, body={"default_role": "guest"}, headers=ANY),
        )
        assert [answer.code for answer in refused] == ["person_required"] * 2
        assert call("GET", path, token=key).status == 200, "the control"

    def test_whom_the_directory_has_made_anew_comes_back(self, tenant: Tenant):
        employee = tenant.signed_in(subject="rehired", email=f"rehired@{tenant.domain}")
        token = tenant.company.call("POST", "/v1/scim-tokens", body={"name": "D", "default_role": "viewer"}).json
        person = {"userName": f"rehired@{tenant.domain}"}
        [(before, *_)] = tenant.members(person["userName"])
        assert call("DELETE", f"/scim/v2/Users/{before}", token=token["secret"]).status == 204
        assert employee.call(*SIGN_IN).code == "not_a_member"
        made = call("POST", "/scim/v2/Users", token=token["secret"], body=person)
        again = tenant.employee(subject="rehired", email=person["userName"], iat=int(time.time()) + 1)
        answer = again.call(*SIGN_IN)
        assert answer.status == 200, answer
        assert (answer.json["outcome"], answer.json["member_id"]) == ("linked", made.json["id"])
        assert again.call("GET", "/v1/tenant").status == 200

    def test_one_address_is_one_member(self, tenant: Tenant):
        tenant.signed_in(email=f"twice@{tenant.domain}")
        assert tenant.employee(email=f"TWICE@{tenant.domain}").call(*SIGN_IN).code == "not_a_member"
        assert len(tenant.members(f"twice@{tenant.domain}")) == 1

    def test_an_owner_answers_for_it_who_says_the_same_again(self, acme: Company, connect: Callable[..., Tenant]):
        admin, tenant = acme.member("admin"), connect(acme)
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        for who in (admin, acme.owner):
            changed = acme.call_as(who, "PATCH", path, body={"jit": True}, headers=ANY)
            assert changed.json["answered_by"] == acme.member_id(who)

    def test_an_old_invitation_brings_nobody_back_who_came_by_the_provider(self, tenant: Tenant):
        who = guest(tenant.company, email=f"invited@{tenant.domain}")
        link = mailed(tenant.company, invite(tenant.company, who.email))
        employee = tenant.signed_in(email=who.email)
        assert who.accept(link).code == "already_a_member"
        member = tenant.members(who.email)[0][0]
        assert tenant.company.call("POST", f"/v1/members/{member}/suspend").status == 200
        assert (who.accept(link).status, employee.call("GET", "/v1/tenant").status) == (403, 403)
        assert len(tenant.members(who.email)) == 1


class TestBinding:
    def test_another_tenant_cannot_be_named(self, tenant: Tenant, globex: Company):
        employee = tenant.signed_in()
        answer = employee.call("GET", "/v1/tenant", headers={"Freehold-Tenant": str(globex.id)})
        assert (answer.status, answer.code) == (403, "tenant_mismatch")
        named = employee.call("GET", "/v1/tenant", headers={"Freehold-Tenant": str(tenant.company.id)})
        assert named.status == 200

    def test_no_tenant_is_signed_up(self, tenant: Tenant):
        answer = tenant.signed_in().call("POST", "/v1/tenants", body={"name": "Mine"})
        assert (answer.status, answer.code) == (403, "tenant_mismatch")

    def test_no_other_tenants_member_can_be_one_of_its_identities(self, tenant: Tenant, globex: Company):
        issuer = f"sso:{tenant.company.id}:{tenant.provider.url}"
        sql = "insert into app.members (issuer, subject, role) values (%(issuer)s, 's', 'viewer')"
        with pytest.raises(Exception, match="members_own_identity"):
            globex.execute(sql, issuer=issuer)
        tenant.company.execute(sql, issuer=issuer)

    def test_the_same_person_of_two_tenants_providers_is_two(self, people: People, connect: Callable[..., Tenant]):
        one, other = connect(people.company("One")), connect(people.company("Other"))
        first = one.signed_in(subject="same", email=f"same@{one.domain}")
        second = other.signed_in(subject="same", email=f"same@{other.domain}")
        assert first.call("GET", "/v1/tenant").json["id"] == str(one.company.id)
        assert second.call("GET", "/v1/tenant").json["id"] == str(other.company.id)

    def test_a_disabled_connection_lets_nobody_in(self, tenant: Tenant):
        employee = tenant.employee()
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        tenant.company.call("PATCH", path, body={"status": "disabled"}, headers={"If-Match": "*"})
        assert employee.call(*SIGN_IN).code in {"not_a_member", "unauthenticated"}
        forget()
        assert employee.call(*SIGN_IN).code == "unauthenticated"
        tenant.company.call("PATCH", path, body={"status": "enabled"}, headers={"If-Match": "*"})
        forget()
        assert employee.call(*SIGN_IN).status == 200
