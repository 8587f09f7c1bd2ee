"""Tenants that ask for single sign-on or a second factor, and the owners who come in past it."""

from typing import Any

import pytest

from local.companies import Company, Person
from tests.sso.conftest import Tenant

ANY = {"If-Match": "*"}


def break_glass(company: Company, person: Person | None = None, method: str = "POST") -> Any:
    [(member_id,)] = company.execute(
        "select id from app.members where tenant_id = %(tenant_id)s and subject = %(subject)s",
        subject=(person or company.owner).subject,
    )
    return company.call(method, f"/v1/members/{member_id}/break-glass")


def require(company: Company, **wanted: bool) -> Any:
    return company.call("PATCH", "/v1/tenant", body=wanted or {"sso_required": True}, headers=ANY)


class TestSsoRequired:
    def test_holds_from_the_very_next_request(self, tenant: Tenant):
        company, employee = tenant.company, tenant.signed_in()
        member, key = company.member("admin"), company.key("projects:read")["secret"]
        break_glass(company)
        assert company.call_as(member, "GET", "/v1/projects").status == 200
        answer = require(company)
        assert (answer.status, answer.json["sso_required"]) == (200, True)
        refused = company.call_as(member, "GET", "/v1/projects")
        assert (refused.status, refused.code) == (403, "sso_required")
        assert employee.call("GET", "/v1/projects").status == 200
        assert company.call("GET", "/v1/tenant").json["sso_required"] is True, "the glass is broken"
        assert Person(key, "").call("GET", "/v1/projects").status == 200, "a key has no provider"
        assert require(company, sso_required=False).status == 200
        assert company.call_as(member, "GET", "/v1/projects").status == 200

    def test_needs_a_break_glass_owner(self, tenant: Tenant):
        refused = require(tenant.company)
        assert (refused.status, refused.code) == (409, "sso_not_ready")
        assert "break-glass owner" in refused.json["detail"]
        break_glass(tenant.company)
        assert require(tenant.company).status == 200

    @pytest.mark.parametrize(
        "change",
        ["delete from app.domains where tenant_id = %(tenant_id)s",
         "update app.sso_connections set status = 'disabled' where tenant_id = %(tenant_id)s"],
    )  # fmt: skip
    def test_needs_a_verified_domain_and_an_enabled_connection(self, tenant: Tenant, change: str):
        break_glass(tenant.company)
        tenant.company.execute(change)
        tenant.company.execute("insert into app.domains (name, challenge) values ('not.verified.example', 'x')")
        assert require(tenant.company).code == "sso_not_ready"

    def test_keeps_what_it_needs(self, tenant: Tenant):
        company = tenant.company
        break_glass(company)
        require(company)
        [domain] = company.call("GET", "/v1/domains").json["items"]
        path = f"/v1/sso-connections/{tenant.connection['id']}"
        for answer in (
            company.call("DELETE", f"/v1/domains/{domain['id']}"),
            company.call("DELETE", path),
            company.call("PATCH", path, body={"status": "disabled"}, headers=ANY),
            break_glass(company, method="DELETE"),
        ):
            assert (answer.status, answer.code) == (409, "sso_not_ready")
        assert company.call("PATCH", path, body={"jit": False}, headers=ANY).status == 200, "the control"
        require(company, sso_required=False)
        assert company.call("DELETE", path).status == 204

    def test_leaves_the_rest_of_the_settings(self, tenant: Tenant):
        break_glass(tenant.company)
        name = tenant.company.call("GET", "/v1/tenant").json["name"]
        assert require(tenant.company).json["name"] == name
        renamed = tenant.company.call("PATCH", "/v1/tenant", body={"name": "New"}, headers=ANY).json
        assert (renamed["name"], renamed["sso_required"], renamed["mfa_required"]) == ("New", True, False)

    def test_is_for_administrators_to_say(self, acme: Company):
        member = acme.member("member")
        assert acme.call_as(member, "PATCH", "/v1/tenant", body={"mfa_required": True}, headers=ANY).status == 403


class TestMfaRequired:
    def test_holds_from_the_very_next_request(self, tenant: Tenant):
        company = tenant.company
        owner = Person(company.people.issuer.mint(company.owner.subject, "o@example.test", amr=["pwd", "otp"]), "")
        member = company.member("member")
        answer = company.call_as(owner, "PATCH", "/v1/tenant", body={"mfa_required": True}, headers=ANY)
        assert (answer.status, answer.json["mfa_required"]) == (200, True)
        assert company.call_as(member, "GET", "/v1/tenant").code == "mfa_required"
        assert company.call_as(owner, "GET", "/v1/tenant").status == 200
        assert tenant.employee().call("POST", "/v1/sign-ins").code == "mfa_required"
        assert tenant.employee(amr=["mfa"]).call("POST", "/v1/sign-ins").status == 200

    def test_nobody_locks_themselves_out(self, acme: Company):
        refused = require(acme, mfa_required=True)
        assert (refused.status, refused.code) == (403, "mfa_required")
        assert acme.call("GET", "/v1/tenant").json["mfa_required"] is False

    def test_a_key_has_no_second_factor_and_asks_nobody_for_one(self, acme: Company):
        key = Person(acme.key("tenant:read", "tenant:write")["secret"], "")
        refused = acme.call_as(key, "PATCH", "/v1/tenant", body={"mfa_required": True}, headers=ANY)
        assert (refused.status, refused.code) == (403, "person_required")
        assert acme.call_as(key, "PATCH", "/v1/tenant", body={"name": "New"}, headers=ANY).status == 200, "the control"


class TestBreakGlass:
    def test_is_an_owners_and_for_owners_to_say(self, acme: Company):
        admin, other = acme.member("admin"), acme.member("owner")
        assert break_glass(acme, admin).code == "break_glass_unfit"
        [(owner_id,)] = acme.execute(
            "select id from app.members where tenant_id = %(tenant_id)s and subject = %(subject)s",
            subject=other.subject,
        )
        path = f"/v1/members/{owner_id}/break-glass"
        assert acme.call_as(admin, "POST", path).json["permission"] == "tenant:own"
        answer = acme.call_as(other, "POST", path)
        assert (answer.status, answer.json["break_glass"]) == (200, True)
        assert acme.call("DELETE", path).status == 204
        assert acme.call("DELETE", path).status == 204, "again changes nothing"

    def test_is_not_for_keys_nor_for_neighbours(self, acme: Company, globex: Company):
        [(owner_id,)] = acme.execute("select id from app.members where tenant_id = %(tenant_id)s")
        path = f"/v1/members/{owner_id}/break-glass"
        assert Person(acme.key("tenant:own")["secret"], "").call("POST", path).code == "person_required"
        assert globex.call("POST", path).status == 404
        assert acme.call("POST", path).status == 200, "the control"

    def test_is_not_for_who_signs_in_by_the_provider(self, tenant: Tenant):
        employee = tenant.signed_in()
        tenant.company.execute(
            "update app.members set role = 'owner' where tenant_id = %(tenant_id)s and subject = %(subject)s",
            subject=employee.subject,
        )
        assert break_glass(tenant.company, employee).code == "break_glass_unfit"

    @pytest.mark.parametrize("change", ["role = 'admin'", "status = 'suspended'", "status = 'removed'"])
    def test_ends_with_ownership(self, acme: Company, change: str):
        other = acme.member("owner")
        break_glass(acme, other)
        [(glass,)] = acme.execute(
            f"update app.members set {change} where tenant_id = %(tenant_id)s and subject = %(subject)s"
            " returning break_glass",
            subject=other.subject,
        )
        assert glass is False

    def test_of_the_last_one_stays_where_single_sign_on_is_required(self, tenant: Tenant):
        other = tenant.company.member("owner")
        break_glass(tenant.company, other)
        require(tenant.company)
        demote = (
            "update app.members set role = 'admin' where tenant_id = %(tenant_id)s and subject = %(subject)s"
            " returning break_glass"
        )
        with pytest.raises(Exception, match="sso_not_ready"):
            tenant.company.execute(demote, subject=other.subject)
        tenant.company.execute(
            "update app.members set break_glass = true where tenant_id = %(tenant_id)s and subject = %(subject)s",
            subject=tenant.company.owner.subject,
        )
        assert tenant.company.execute(demote, subject=other.subject) == [(False,)]
