"""/v1/roles and /v1/permissions through their handler."""

import pytest

from freehold.permissions import Role
from freehold.roles.models import DESCRIPTIONS
from local.companies import Company
from local.reference import PERMISSIONS

LEADS = {"name": "Leads", "description": "Run projects", "permissions": ["projects:write", "projects:read"]}
ANY = {"If-Match": "*"}


class TestPermissions:
    def test_are_those_of_the_code_with_what_each_can_be_granted_on(self, acme: Company):
        items = acme.call("GET", "/v1/permissions").json["items"]
        assert items == sorted(items, key=lambda item: item["name"])
        assert {(i["name"], i["description"], i["needs"], i["resource"]) for i in items} == {
            (p.name, p.description, p.needs, p.resource) for p in PERMISSIONS
        }

    def test_a_guest_may_not_see_them(self, acme: Company):
        assert acme.call_as(acme.member("guest"), "GET", "/v1/permissions").code == "permission_denied"


class TestList:
    def test_shows_what_every_tenant_has_as_the_code_knows_it_then_its_own(self, acme: Company, globex: Company):
        globex.role("projects:read")
        own = acme.call("POST", "/v1/roles", body=LEADS).json
        *built_in, last = acme.call("GET", "/v1/roles").json["items"]
        assert last == own
        assert [role["id"] for role in built_in][:4] == ["owner", "admin", "member", "viewer"]
        for role in built_in:
            assert role["description"] == DESCRIPTIONS[Role(role["id"])]
            assert set(role["permissions"]) == {p.name for p in PERMISSIONS if Role(role["id"]) in p.held_by}


class TestCreate:
    def test_answers_with_the_role_and_its_etag(self, acme: Company):
        answer = acme.call("POST", "/v1/roles", body=LEADS)
        assert (answer.status, answer.headers["etag"]) == (201, '"1"')
        assert answer.json["permissions"] == ["projects:read", "projects:write"]
        assert answer.json["built_in"] is False

    def test_is_announced_and_audited(self, acme: Company):
        acme.call("POST", "/v1/roles", body=LEADS)
        assert ("role.created",) in acme.execute("select type from app.outbox where tenant_id = %(tenant_id)s")
        assert ("roles.insert",) in acme.execute("select action from app.audit where tenant_id = %(tenant_id)s")

    def test_a_permission_that_does_not_exist_is_refused_in_a_sentence(self, acme: Company):
        answer = acme.call("POST", "/v1/roles", body={**LEADS, "permissions": ["projects:read", "projects:launch"]})
        assert (answer.status, answer.code) == (422, "unknown_permission")
        assert "GET /v1/permissions" in answer.json["detail"]

    def test_nobody_makes_one_with_more_than_they_hold(self, acme: Company):
        admin = acme.member("admin")
        beyond = acme.call_as(admin, "POST", "/v1/roles", body={**LEADS, "permissions": ["tenant:own"]})
        assert (beyond.status, beyond.code) == (403, "exceeds_yours")
        assert acme.call_as(admin, "POST", "/v1/roles", body=LEADS).status == 201

    @pytest.mark.parametrize("name", ["", " ", "Owner", "guest", "x" * 61, "a\nb"])
    def test_names_that_would_mislead_are_refused(self, acme: Company, name: str):
        assert acme.call("POST", "/v1/roles", body={**LEADS, "name": name}).status == 422

    def test_a_name_is_used_once_in_a_tenant(self, acme: Company, globex: Company):
        assert acme.call("POST", "/v1/roles", body=LEADS).status == 201
        assert acme.call("POST", "/v1/roles", body=LEADS).code == "already_exists"
        assert globex.call("POST", "/v1/roles", body=LEADS).status == 201

    def test_a_hundred_are_the_most(self, acme: Company):
        acme.execute(
            "insert into app.roles (name, permissions) select 'Role ' || n, '{}' from generate_series(1, 100) n"
        )
        assert acme.call("POST", "/v1/roles", body=LEADS).code == "too_many_roles"

    def test_a_member_may_not(self, acme: Company):
        assert acme.call_as(acme.member("member"), "POST", "/v1/roles", body=LEADS).code == "permission_denied"


class TestRead:
    @pytest.mark.parametrize("role", Role)
    def test_one_that_every_tenant_has(self, acme: Company, role: Role):
        assert acme.call("GET", f"/v1/roles/{role}").json["name"] == role

    def test_the_neighbours_is_absent(self, acme: Company, globex: Company):
        theirs = globex.role("projects:read")
        assert acme.call("GET", f"/v1/roles/{theirs}").status == 404
        assert globex.call("GET", f"/v1/roles/{theirs}").status == 200

    def test_what_names_no_role_is_refused_in_a_sentence(self, acme: Company):
        answer = acme.call("GET", "/v1/roles/king")
        assert answer.status == 422
        assert "neither a role" in str(answer.json["errors"])


class TestChange:
    def test_holds_for_its_members_on_their_next_request(self, acme: Company):
        role = acme.role("projects:read")
        member = acme.member(role)
        assert acme.call_as(member, "POST", "/v1/projects", body={"name": "Apollo"}).code == "permission_denied"
        body = {"permissions": ["projects:read", "projects:write"]}
        assert acme.call("PATCH", f"/v1/roles/{role}", body=body, headers=ANY).status == 200
        assert acme.call_as(member, "POST", "/v1/projects", body={"name": "Apollo"}).status == 201
        assert acme.call("PATCH", f"/v1/roles/{role}", body={"permissions": []}, headers=ANY).status == 200
        assert acme.call_as(member, "GET", "/v1/projects").code == "permission_denied"

    def test_keeps_what_is_left_out_and_counts_only_what_changes(self, acme: Company):
        path = f"/v1/roles/{acme.call('POST', '/v1/roles', body=LEADS).json['id']}"
        renamed = acme.call("PATCH", path, body={"name": "Captains"}, headers={"If-Match": '"1"'})
        assert (renamed.json["name"], renamed.json["permissions"]) == ("Captains", sorted(LEADS["permissions"]))
        assert acme.call("PATCH", path, body={"name": "Captains"}, headers={"If-Match": '"2"'}).headers["etag"] == '"2"'
        assert (
            acme.call("PATCH", path, body={"name": "Late"}, headers={"If-Match": '"1"'}).code == "precondition_failed"
        )

    def test_nobody_changes_one_that_holds_more_than_they_do(self, acme: Company):
        strong, admin = acme.role("tenant:own"), acme.member("admin")
        for body in ({"permissions": []}, {"name": "Harmless"}):
            answer = acme.call_as(admin, "PATCH", f"/v1/roles/{strong}", body=body, headers=ANY)
            assert answer.code == "exceeds_yours"
        assert acme.call("PATCH", f"/v1/roles/{strong}", body={"permissions": []}, headers=ANY).status == 200

    def test_nobody_raises_the_role_that_they_have(self, acme: Company):
        role = acme.role("roles:read", "roles:write")
        member = acme.member(role)
        raised = {"permissions": ["roles:read", "roles:write", "api_keys:write"]}
        answer = acme.call_as(member, "PATCH", f"/v1/roles/{role}", body=raised, headers=ANY)
        assert answer.code == "exceeds_yours"
        kept = {"permissions": ["roles:read"]}
        assert acme.call_as(member, "PATCH", f"/v1/roles/{role}", body=kept, headers=ANY).status == 200

    def test_an_unknown_permission_is_refused(self, acme: Company):
        body = {"permissions": ["projects:launch"]}
        answer = acme.call("PATCH", f"/v1/roles/{acme.role()}", body=body, headers=ANY)
        assert answer.code == "unknown_permission"

    def test_the_neighbours_and_every_tenants_stay(self, acme: Company, globex: Company):
        theirs = globex.role("projects:read")
        assert acme.call("PATCH", f"/v1/roles/{theirs}", body={"name": "Mine"}, headers=ANY).status == 404
        assert acme.call("PATCH", "/v1/roles/owner", body={"name": "Mine"}, headers=ANY).status == 422
        assert globex.call("GET", f"/v1/roles/{theirs}").json["name"] == "A role"


class TestDelete:
    def test_is_gone(self, acme: Company):
        path = f"/v1/roles/{acme.role('projects:read')}"
        assert acme.call("DELETE", path).status == 204
        assert acme.call("GET", path).status == 404

    def test_not_while_a_member_has_it_and_then_it_can(self, acme: Company):
        role = acme.role("projects:read")
        member = acme.member(role)
        assert acme.call("DELETE", f"/v1/roles/{role}").code == "still_referenced"
        acme.execute("update app.members set status = 'removed' where subject = %(subject)s", subject=member.subject)
        assert acme.call("DELETE", f"/v1/roles/{role}").status == 204

    def test_not_while_it_is_granted(self, acme: Company):
        role, guest, project = acme.role("projects:read"), acme.member("guest"), acme.project()["id"]
        acme.grant(guest, project, role)
        assert acme.call("DELETE", f"/v1/roles/{role}").code == "still_referenced"
        acme.call("DELETE", f"/v1/projects/{project}/grants/{acme.member_id(guest)}")
        assert acme.call("DELETE", f"/v1/roles/{role}").status == 204

    def test_not_while_a_directory_gives_it(self, acme: Company):
        role = acme.role("projects:read")
        directory = acme.call("POST", "/v1/scim-tokens", body={"name": "D", "default_role": role}).json["id"]
        assert acme.call("DELETE", f"/v1/roles/{role}").code == "still_referenced"
        assert acme.call("DELETE", f"/v1/scim-tokens/{directory}").status in {200, 204}
        assert acme.call("DELETE", f"/v1/roles/{role}").status == 204

    def test_not_while_an_invitation_waits_with_it(self, acme: Company):
        role = acme.role("projects:read")
        acme.execute(
            "insert into app.invitations (email, custom_role, invited_by) select 'a@b.test', %(role)s, id"
            " from app.members where tenant_id = %(tenant_id)s",
            role=role,
        )
        assert acme.call("DELETE", f"/v1/roles/{role}").code == "still_referenced"
        acme.execute("update app.invitations set status = 'revoked' where tenant_id = %(tenant_id)s")
        assert acme.call("DELETE", f"/v1/roles/{role}").status == 204

    def test_the_neighbours_stays(self, acme: Company, globex: Company):
        theirs = globex.role("projects:read")
        assert acme.call("DELETE", f"/v1/roles/{theirs}").status == 404
        assert globex.call("GET", f"/v1/roles/{theirs}").status == 200
