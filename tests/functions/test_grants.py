"""Sharing projects one by one: what a grant gives, to whom, and that it gives nothing else."""

import pytest

from local.companies import Company, Person
from local.gateway import ROUTES, Answer, call
from tests.http.test_round_trips import REQUESTS
from tests.wire import Wire

ANY = {"If-Match": "*"}
BY_GRANT = {
    "GET /v1/projects",
    "GET /v1/projects/{project_id}",
    "PATCH /v1/projects/{project_id}",
    "POST /v1/projects/{project_id}/archive",
    "DELETE /v1/projects/{project_id}",
    "GET /v1/projects/{project_id}/grants",
    "PUT /v1/projects/{project_id}/grants/{member_id}",
    "DELETE /v1/projects/{project_id}/grants/{member_id}",
}
"""What a grant opens, for the project that was granted."""
FOR_EVERY_MEMBER = {"GET /v1/tenant", "GET /v1/plans", "POST /v1/members/me/leave"}


def share(company: Company, actor: Person, project: str, other: Person, role: str) -> Answer:
    path = f"/v1/projects/{project}/grants/{company.member_id(other)}"
    return company.call_as(actor, "PUT", path, body={"role": role})


def unshare(company: Company, actor: Person, project: str, other: Person) -> Answer:
    return company.call_as(actor, "DELETE", f"/v1/projects/{project}/grants/{company.member_id(other)}")


@pytest.fixture
def apollo(acme: Company) -> str:
    """The project that is granted; there is always another one."""
    acme.project("Gemini")
    return acme.project("Apollo")["id"]


@pytest.fixture
def guest(acme: Company) -> Person:
    return acme.member("guest")


class TestGive:
    def test_answers_with_the_grant_and_again_with_the_same(self, acme: Company, apollo: str, guest: Person):
        first, again = (acme.grant(guest, apollo, "viewer") for _ in range(2))
        assert first.status == again.status == 200
        assert first.json == again.json
        assert (first.json["role"], first.json["resource"], first.json["resource_id"]) == ("viewer", "projects", apollo)
        told = "select count(*) from app.outbox where tenant_id = %(tenant_id)s and type = 'grant.given'"
        assert acme.execute(told) == [(1,)]

    def test_another_role_takes_the_place_of_the_first(self, acme: Company, apollo: str, guest: Person):
        own = acme.role("projects:read")
        roles = [acme.grant(guest, apollo, role).json["role"] for role in ("viewer", own, "member")]
        assert roles == ["viewer", own, "member"]
        [only] = acme.call("GET", f"/v1/projects/{apollo}/grants").json["items"]
        assert (only["role"], only["version"]) == ("member", 3)

    def test_only_for_a_project_that_is_there(self, acme: Company, globex: Company, guest: Person):
        assert acme.grant(guest, globex.project()["id"], "viewer").status == 404

    @pytest.mark.parametrize("status", ["suspended", "deprovisioned", "removed"])
    def test_only_for_an_active_member(self, acme: Company, apollo: str, guest: Person, status: str):
        acme.execute("update app.members set status = %(to)s where subject = %(who)s", to=status, who=guest.subject)
        assert acme.grant(guest, apollo, "viewer").status == 404

    def test_only_for_a_member_of_this_tenant(self, acme: Company, globex: Company, apollo: str):
        path = f"/v1/projects/{apollo}/grants/{globex.member_id(globex.owner)}"
        assert acme.call("PUT", path, body={"role": "viewer"}).status == 404

    def test_only_a_role_of_this_tenant(self, acme: Company, globex: Company, apollo: str, guest: Person):
        answer = acme.grant(guest, apollo, globex.role("projects:read"))
        assert (answer.status, answer.code) == (422, "reference_not_found")

    def test_a_member_without_the_permission_may_not(self, acme: Company, apollo: str, guest: Person):
        member = acme.member("member")
        assert share(acme, member, apollo, guest, "viewer").code == "permission_denied"
        assert acme.call_as(member, "GET", f"/v1/projects/{apollo}/grants").code == "permission_denied"

    def test_a_thousand_are_the_most_that_a_member_can_have(self, acme: Company, apollo: str, guest: Person):
        acme.execute(
            "insert into app.grants (member_id, resource, resource_id, role, created_by) select %(member)s, 'projects',"
            " uuidv7(), 'viewer', %(member)s from generate_series(1, 1000)",
            member=acme.member_id(guest),
        )
        assert acme.grant(guest, apollo, "viewer").code == "too_many_grants"


class TestAGuest:
    def test_sees_what_was_granted_and_nothing_else(self, acme: Company, apollo: str, guest: Person, wire: Wire):
        assert acme.call_as(guest, "GET", "/v1/projects").code == "permission_denied"
        acme.grant(guest, apollo, "viewer")
        with wire.counting() as counted:
            listed = acme.call_as(guest, "GET", "/v1/projects").json["items"]
        assert counted == [1]
        assert [project["id"] for project in listed] == [apollo]
        other = next(p["id"] for p in acme.call("GET", "/v1/projects").json["items"] if p["id"] != apollo)
        assert acme.call_as(guest, "GET", f"/v1/projects/{apollo}").status == 200
        assert acme.call_as(guest, "GET", f"/v1/projects/{other}").status == 404

    def test_changes_only_where_the_role_allows_it(self, acme: Company, apollo: str, guest: Person):
        body = {"name": "Artemis"}
        acme.grant(guest, apollo, "viewer")
        assert (
            acme.call_as(guest, "PATCH", f"/v1/projects/{apollo}", body=body, headers=ANY).code == "permission_denied"
        )
        acme.grant(guest, apollo, "member")
        assert acme.call_as(guest, "PATCH", f"/v1/projects/{apollo}", body=body, headers=ANY).status == 200
        other = acme.project()["id"]
        acme.grant(guest, other, "viewer")
        assert acme.call_as(guest, "PATCH", f"/v1/projects/{other}", body=body, headers=ANY).status == 404
        assert acme.call_as(guest, "DELETE", f"/v1/projects/{apollo}").code == "permission_denied"

    def test_makes_no_project(self, acme: Company, apollo: str, guest: Person):
        acme.grant(guest, apollo, "owner")
        answer = acme.call_as(guest, "POST", "/v1/projects", body={"name": "Mine"})
        assert (answer.status, answer.code) == (403, "permission_denied")

    def test_loses_it_on_the_next_request(self, acme: Company, apollo: str, guest: Person):
        acme.grant(guest, apollo, "viewer")
        assert acme.call_as(guest, "GET", f"/v1/projects/{apollo}").status == 200
        assert unshare(acme, acme.owner, apollo, guest).status == 204
        assert acme.call_as(guest, "GET", f"/v1/projects/{apollo}").code == "permission_denied"

    def test_a_role_with_other_permissions_is_worth_them_on_the_next_request(
        self, acme: Company, apollo: str, guest: Person
    ):
        role = acme.role("projects:read")
        acme.grant(guest, apollo, role)
        assert acme.call_as(guest, "GET", "/v1/projects").status == 200
        acme.call("PATCH", f"/v1/roles/{role}", body={"permissions": []}, headers=ANY)
        assert acme.call_as(guest, "GET", "/v1/projects").code == "permission_denied"

    def test_has_no_grant_left_when_the_project_goes(self, acme: Company, apollo: str, guest: Person):
        acme.grant(guest, apollo, "owner")
        assert acme.call_as(guest, "DELETE", f"/v1/projects/{apollo}").status == 204
        assert acme.execute("select count(*) from app.grants where tenant_id = %(tenant_id)s") == [(0,)]

    def test_who_comes_back_does_not_have_what_they_had(self, acme: Company, apollo: str, guest: Person):
        acme.grant(guest, apollo, "viewer")
        change = "update app.members set status = %(to)s where subject = %(who)s"
        for status in ("suspended", "active"):
            acme.execute(change, to=status, who=guest.subject)
        assert acme.call_as(guest, "GET", f"/v1/projects/{apollo}").status == 200, "the control: a pause keeps them"
        for status in ("deprovisioned", "removed", "active"):
            acme.execute(change, to=status, who=guest.subject)
        assert acme.call_as(guest, "GET", f"/v1/projects/{apollo}").code == "permission_denied"


OF_VISITORS = ("POST /v1/invitations/accept", "POST /v1/sign-ins")
OF_MEMBERS = [
    route
    for route, function in ROUTES.items()
    if not function.public and route not in OF_VISITORS and "/scim/v2/" not in route
]


class TestEveryRoute:
    @pytest.mark.parametrize("role", ["guest", "custom"])
    @pytest.mark.parametrize("route", OF_MEMBERS)
    def test_is_closed_to_whoever_has_one_grant_unless_it_is_about_that(self, acme: Company, role: str, route: str):
        """The grant is of another project than the route's, and of all that an owner holds."""
        path, details = REQUESTS[route][1](acme)
        person = acme.member("guest" if role == "guest" else acme.role("tenant:read", name="Hardly anything"))
        assert acme.grant(person, acme.project()["id"], "owner").status == 200
        answer = acme.call_as(person, route.partition(" ")[0], path, **details)
        if route in FOR_EVERY_MEMBER or "/v1/tenants" in route or route == "GET /v1/projects":
            assert answer.status < 300
        elif route in BY_GRANT:
            assert (answer.status, answer.code) == (404, "not_found")
        else:
            assert (answer.status, answer.code) == (403, "permission_denied")

    @pytest.mark.parametrize("route", sorted(BY_GRANT))
    def test_the_control_a_grant_of_the_routes_project_opens_it(self, acme: Company, guest: Person, route: str):
        path, details = REQUESTS[route][1](acme)
        for project in acme.call("GET", "/v1/projects").json["items"] or [acme.project()]:
            acme.grant(guest, project["id"], "owner")
        assert acme.call_as(guest, route.partition(" ")[0], path, **details).status < 300


class TestSharingByGrant:
    @pytest.fixture
    def lead(self, acme: Company, apollo: str) -> Person:
        """A guest who is `admin` on one project."""
        person = acme.member("guest")
        acme.grant(person, apollo, "admin")
        return person

    def test_gives_what_they_hold_there_and_takes_it_back(
        self, acme: Company, apollo: str, lead: Person, guest: Person
    ):
        for role in ("admin", "member", "viewer"):
            assert share(acme, lead, apollo, guest, role).status == 200
        assert len(acme.call_as(lead, "GET", f"/v1/projects/{apollo}/grants").json["items"]) == 2
        assert unshare(acme, lead, apollo, guest).status == 204

    def test_gives_changes_and_takes_nothing_above_it(self, acme: Company, apollo: str, lead: Person, guest: Person):
        assert share(acme, lead, apollo, guest, "owner").code == "exceeds_yours"
        assert share(acme, lead, apollo, guest, acme.role("tenant:own")).code == "exceeds_yours"
        acme.grant(guest, apollo, "owner")
        assert share(acme, lead, apollo, guest, "viewer").code == "exceeds_yours"
        assert unshare(acme, lead, apollo, guest).code == "exceeds_yours"

    def test_raises_nobody_not_even_themselves(self, acme: Company, apollo: str, lead: Person):
        assert share(acme, lead, apollo, lead, "owner").code == "exceeds_yours"
        assert acme.call_as(lead, "GET", "/v1/members").code == "permission_denied"

    def test_lets_go_of_their_own(self, acme: Company, apollo: str, lead: Person):
        assert unshare(acme, lead, apollo, lead).status == 204
        assert acme.call_as(lead, "GET", f"/v1/projects/{apollo}").code == "permission_denied"

    def test_another_project_is_absent(self, acme: Company, lead: Person, guest: Person):
        other = acme.project()["id"]
        acme.grant(guest, other, "viewer")
        assert share(acme, lead, other, guest, "viewer").status == 404
        assert share(acme, lead, other, lead, "viewer").status == 404
        assert unshare(acme, lead, other, guest).status == 404
        assert acme.call_as(lead, "GET", f"/v1/projects/{other}/grants").status == 404

    def test_an_editor_shares_nothing(self, acme: Company, apollo: str, guest: Person):
        editor = acme.member("guest")
        acme.grant(editor, apollo, "member")
        assert share(acme, editor, apollo, guest, "viewer").code == "permission_denied"


class TestKeys:
    def test_a_guest_makes_none(self, acme: Company, apollo: str, guest: Person):
        acme.grant(guest, apollo, "owner")
        body = {"name": "CI", "scopes": ["projects:read"]}
        assert acme.call_as(guest, "POST", "/v1/api-keys", body=body).code == "permission_denied"

    def test_who_may_make_keys_makes_none_for_what_they_were_granted(self, acme: Company, apollo: str):
        maker = acme.member(acme.role("api_keys:read", "api_keys:write"))
        acme.grant(maker, apollo, "owner")
        answers = [
            acme.call_as(maker, "POST", "/v1/api-keys", body={"name": "CI", "scopes": [scope]})
            for scope in ("projects:read", "api_keys:read")
        ]
        assert [(answer.status, answer.code) for answer in answers] == [(403, "scopes_exceed_yours"), (201, "")]

    def test_a_key_goes_where_its_maker_was_granted_within_its_scopes(self, acme: Company, apollo: str, guest: Person):
        admin = acme.member("admin")
        body = {"name": "CI", "scopes": ["projects:read", "projects:share"]}
        key = acme.call_as(admin, "POST", "/v1/api-keys", body=body).json["secret"]
        acme.execute("update app.members set role = 'guest' where subject = %(who)s", who=admin.subject)
        assert call("GET", "/v1/projects", token=key).code == "permission_denied"
        acme.grant(admin, apollo, "admin")
        assert [project["id"] for project in call("GET", "/v1/projects", token=key).json["items"]] == [apollo]
        assert call("DELETE", f"/v1/projects/{apollo}", token=key).code == "permission_denied"

    def test_a_key_shares_no_more_than_its_scopes(self, acme: Company, apollo: str, guest: Person):
        admin = acme.member("admin")
        body = {"name": "CI", "scopes": ["projects:read", "projects:share", "tenant:read"]}
        key = acme.call_as(admin, "POST", "/v1/api-keys", body=body).json["secret"]
        acme.execute("update app.members set role = 'guest' where subject = %(who)s", who=admin.subject)
        acme.grant(admin, apollo, "admin")
        path = f"/v1/projects/{apollo}/grants/{acme.member_id(guest)}"
        assert call("PUT", path, token=key, body={"role": "admin"}).code == "exceeds_yours"
        reading = acme.role("projects:read")
        assert call("PUT", path, token=key, body={"role": reading}).status == 200
