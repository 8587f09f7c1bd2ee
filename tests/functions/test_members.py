"""/v1/members through its handler: who belongs to a tenant, as what, and how that ends."""

import time
from uuid import uuid4

import pytest

from local.companies import Company, Person
from local.gateway import call
from tests.functions.guests import guest, invite, joined, mailed, member_id

ANY_VERSION = {"If-Match": "*"}


def path_of(company: Company, person: Person) -> str:
    return f"/v1/members/{member_id(company, person)}"


def key_of(company: Company, person: Person) -> str:
    body = {"name": "CI", "scopes": ["projects:read"]}
    secret: str = company.call_as(person, "POST", "/v1/api-keys", body=body).json["secret"]
    return secret


def kinds(company: Company) -> list[str]:
    rows = company.execute(
        "select type from app.outbox where tenant_id = %(tenant_id)s and type ~ '^(member|ownership)' order by id"
    )
    return [kind for (kind,) in rows]


class TestList:
    def test_shows_each_member_as_reading_it_does_and_only_ours(self, acme: Company, globex: Company):
        acme.member("viewer")
        listed = acme.call("GET", "/v1/members").json["items"]
        assert [member["role"] for member in listed] == ["viewer", "owner"]
        assert [acme.call("GET", f"/v1/members/{member['id']}").json for member in listed] == listed


class TestRead:
    def test_the_neighbours_member_is_as_absent_as_none(self, acme: Company, globex: Company):
        [theirs] = globex.call("GET", "/v1/members").json["items"]
        answers = [acme.call("GET", f"/v1/members/{which}") for which in (theirs["id"], uuid4())]
        assert [answer.code for answer in answers] == ["not_found", "not_found"]


class TestChange:
    def test_holds_on_the_next_request(self, acme: Company):
        viewer = acme.member("viewer")
        assert acme.call_as(viewer, "POST", "/v1/projects", body={"name": "x"}).code == "permission_denied"
        seen = acme.call("GET", path_of(acme, viewer))
        changed = acme.call(
            "PATCH", path_of(acme, viewer), body={"role": "member"}, headers={"If-Match": seen.headers["etag"]}
        )
        assert (changed.status, changed.json["role"], changed.headers["etag"]) == (200, "member", '"2"')
        assert acme.call_as(viewer, "POST", "/v1/projects", body={"name": "x"}).status == 201
        assert kinds(acme) == ["member.changed"]

    def test_of_what_somebody_else_changed_first_is_refused(self, acme: Company):
        path = path_of(acme, acme.member("viewer"))
        assert acme.call("PATCH", path, body={"role": "member"}).code == "precondition_required"
        acme.call("PATCH", path, body={"role": "member"}, headers={"If-Match": '"1"'})
        assert acme.call("PATCH", path, body={"role": "admin"}, headers={"If-Match": '"1"'}).status == 412

    def test_to_what_it_is_already_changes_and_tells_nothing(self, acme: Company):
        path = path_of(acme, acme.member("viewer"))
        for body in ({"role": "viewer"}, {}):
            assert acme.call("PATCH", path, body=body, headers=ANY_VERSION).json["version"] == 1
        assert kinds(acme) == []

    @pytest.mark.parametrize("role", ["owner", "admin"])
    def test_of_oneself_upwards_is_refused(self, acme: Company, role):
        """Somebody who may change members and otherwise little."""
        [(own,)] = acme.execute(
            "insert into app.roles (tenant_id, name, permissions)"
            " values (%(tenant_id)s, 'HR', '{members:read,members:write,tenant:read}') returning id"
        )
        hr = joined(acme, str(own)).person
        answer = acme.call_as(hr, "PATCH", path_of(acme, hr), body={"role": role}, headers=ANY_VERSION)
        assert (answer.status, answer.code) == (403, "exceeds_yours")
        answer = acme.call("PATCH", path_of(acme, hr), body={"role": role}, headers=ANY_VERSION)
        assert answer.json["role"] == role, "the control"

    def test_of_somebody_who_has_gone_is_absent(self, acme: Company):
        path = path_of(acme, acme.member("viewer"))
        acme.call("DELETE", path)
        assert acme.call("PATCH", path, body={"role": "owner"}, headers=ANY_VERSION).status == 404


class TestAdmins:
    """Nobody takes what they do not hold."""

    @pytest.mark.parametrize("what", ["demote", "suspend", "remove", "reactivate"])
    def test_reach_no_owner(self, acme: Company, what):
        admin, owner = acme.member("admin"), acme.member("owner")
        path = path_of(acme, owner)
        if what == "reactivate":
            acme.call("POST", f"{path}/suspend")
        requests = {
            "demote": ("PATCH", path, {"body": {"role": "viewer"}, "headers": ANY_VERSION}),
            "suspend": ("POST", f"{path}/suspend", {}),
            "remove": ("DELETE", path, {}),
            "reactivate": ("POST", f"{path}/reactivate", {}),
        }
        method, where, details = requests[what]
        refused = acme.call_as(admin, method, where, **details)
        assert (refused.status, refused.code) == (403, "exceeds_yours")
        assert acme.call(method, where, **details).status < 300, "the control"

    def test_make_and_transfer_no_ownership(self, acme: Company):
        admin, viewer = acme.member("admin"), path_of(acme, acme.member("viewer"))
        up = acme.call_as(admin, "PATCH", viewer, body={"role": "owner"}, headers=ANY_VERSION)
        over = acme.call_as(admin, "POST", f"{viewer}/make-owner")
        assert (up.code, over.code) == ("exceeds_yours", "permission_denied")

    def test_are_needed_for_any_of_it(self, acme: Company):
        member, viewer = acme.member("member"), path_of(acme, acme.member("viewer"))
        answers = [
            acme.call_as(member, "PATCH", viewer, body={"role": "guest"}, headers=ANY_VERSION),
            *(acme.call_as(member, "POST", f"{viewer}/{what}") for what in ("suspend", "reactivate", "end-sessions")),
            acme.call_as(member, "DELETE", viewer),
        ]
        assert {answer.code for answer in answers} == {"permission_denied"}


class TestTheLastOwner:
    @pytest.mark.parametrize("what", ["demote", "suspend", "remove", "leave"])
    def test_stays(self, acme: Company, what):
        path = path_of(acme, acme.owner)
        requests = {
            "demote": ("PATCH", path, {"body": {"role": "admin"}, "headers": ANY_VERSION}),
            "suspend": ("POST", f"{path}/suspend", {}),
            "remove": ("DELETE", path, {}),
            "leave": ("POST", "/v1/members/me/leave", {}),
        }
        method, where, details = requests[what]
        suspended = acme.member("owner")
        acme.call("POST", f"{path_of(acme, suspended)}/suspend")
        refused = acme.call(method, where, **details)
        assert (refused.status, refused.code) == (409, "last_owner")
        acme.call("POST", f"{path_of(acme, suspended)}/reactivate")
        assert acme.call(method, where, **details).status < 300, "the control: there is another one"


class TestSuspend:
    def test_refuses_tokens_and_keys_on_the_next_request(self, acme: Company):
        admin = joined(acme, "admin")
        key = key_of(acme, admin.person)
        assert acme.call_as(admin.person, "GET", "/v1/projects").status == 200
        assert call("GET", "/v1/projects", token=key).status == 200
        suspended = acme.call("POST", f"{path_of(acme, admin.person)}/suspend")
        assert (suspended.status, suspended.json["status"]) == (200, "suspended")
        assert acme.call_as(admin.person, "GET", "/v1/projects").code == "not_a_member"
        assert call("GET", "/v1/projects", token=key).code == "api_key_refused"
        assert admin.person.call("GET", "/v1/tenants").json["items"] == []

    def test_again_changes_and_tells_nothing_more(self, acme: Company):
        path = path_of(acme, acme.member("viewer"))
        first, second = (acme.call("POST", f"{path}/suspend") for _ in range(2))
        assert first.json == second.json
        assert kinds(acme) == ["member.suspended"]

    def test_is_over_once_they_are_reactivated_and_have_signed_in_again(self, acme: Company):
        admin = joined(acme, "admin")
        key, path = key_of(acme, admin.person), path_of(acme, admin.person)
        acme.call("POST", f"{path}/suspend")
        assert acme.call("POST", f"{path}/reactivate").json["status"] == "active"
        assert acme.call_as(admin.person, "GET", "/v1/projects").code == "session_ended"
        assert call("GET", "/v1/projects", token=key).status == 200
        time.sleep(1.1)  # a token says in whole seconds when it was issued
        again = guest(acme, subject=admin.person.subject)
        assert acme.call_as(again.person, "GET", "/v1/projects").status == 200

    @pytest.mark.parametrize("status", ["removed", "deprovisioned"])
    def test_is_not_how_somebody_who_has_gone_comes_back(self, acme: Company, status):
        who = acme.member("viewer")
        acme.execute("update app.members set status = %(status)s where subject = %(s)s", status=status, s=who.subject)
        for what in ("suspend", "reactivate", "end-sessions", "make-owner"):
            assert acme.call("POST", f"{path_of(acme, who)}/{what}").status == 404


class TestEndSessions:
    def test_refuses_tokens_of_before_and_leaves_keys(self, acme: Company):
        admin = joined(acme, "admin")
        key = key_of(acme, admin.person)
        assert acme.call("POST", f"{path_of(acme, admin.person)}/end-sessions").status == 200
        assert acme.call_as(admin.person, "GET", "/v1/projects").code == "session_ended"
        assert call("GET", "/v1/projects", token=key).status == 200
        time.sleep(1.1)  # likewise
        again = guest(acme, subject=admin.person.subject)
        assert acme.call_as(again.person, "GET", "/v1/projects").status == 200


class TestRemove:
    def test_ends_tokens_keys_and_invitations(self, acme: Company):
        admin = joined(acme, "admin")
        key, path = key_of(acme, admin.person), path_of(acme, admin.person)
        acme.execute("update app.members set email = 'other@guests.test' where subject = %(s)s", s=admin.person.subject)
        waiting = invite(acme, admin.email)
        acme.execute(
            "update app.members set email = %(e)s where subject = %(s)s", e=admin.email, s=admin.person.subject
        )
        assert acme.call_as(admin.person, "GET", "/v1/projects").status == 200
        assert acme.call("DELETE", path).status == 204
        assert acme.call_as(admin.person, "GET", "/v1/projects").code == "not_a_member"
        assert call("GET", "/v1/projects", token=key).code == "api_key_refused"
        assert acme.call("GET", f"/v1/invitations/{waiting['id']}").json["status"] == "revoked"
        assert acme.call("GET", path).json["status"] == "removed"
        assert acme.call("DELETE", path).status == 404
        [(revoked,)] = acme.execute("select revoked_at is not null from app.api_keys where tenant_id = %(tenant_id)s")
        assert revoked

    def test_the_neighbours_member_is_absent_and_stays(self, acme: Company, globex: Company):
        path = path_of(globex, globex.member("viewer"))
        assert acme.call("DELETE", path).status == 404
        assert globex.call("GET", path).json["status"] == "active"


class TestLeave:
    @pytest.mark.parametrize("role", ["viewer", "guest", "billing", "admin"])
    def test_is_for_everybody(self, acme: Company, role):
        who = acme.member(role)
        left = acme.call_as(who, "POST", "/v1/members/me/leave")
        assert (left.status, left.json["status"], left.json["id"]) == (200, "removed", member_id(acme, who))
        assert acme.call_as(who, "GET", "/v1/tenant").code == "not_a_member"
        assert kinds(acme) == ["member.left"]

    def test_is_not_for_keys(self, acme: Company):
        key = acme.key("tenant:read", "members:write", "tenant:own")["secret"]
        for path in ("/v1/members/me/leave", f"{path_of(acme, acme.member('viewer'))}/make-owner"):
            assert call("POST", path, token=key).code == "person_required"


class TestMakeOwner:
    def test_is_one_change_of_two(self, acme: Company):
        heir = acme.member("viewer")
        answer = acme.call("POST", f"{path_of(acme, heir)}/make-owner")
        assert (answer.status, answer.json["role"]) == (200, "owner")
        assert acme.call("GET", path_of(acme, acme.owner)).json["role"] == "admin"
        assert sorted(kinds(acme)) == ["member.changed", "ownership.transferred"]
        back = acme.call("POST", f"{path_of(acme, acme.owner)}/make-owner")
        assert back.code == "permission_denied"

    def test_of_oneself_of_a_suspended_one_and_of_the_neighbours_is_refused(self, acme: Company, globex: Company):
        suspended = acme.member("viewer")
        acme.call("POST", f"{path_of(acme, suspended)}/suspend")
        for path in (path_of(acme, acme.owner), path_of(acme, suspended), path_of(globex, globex.owner)):
            assert acme.call("POST", f"{path}/make-owner").status == 404
        assert acme.call("GET", path_of(acme, acme.owner)).json["role"] == "owner"

    def test_once_under_its_key(self, acme: Company):
        path = f"{path_of(acme, acme.member('viewer'))}/make-owner"
        acme.member("owner")
        assert acme.call("POST", path, headers={"Idempotency-Key": "k"}).status == 200
        acme.execute("update app.members set role = 'owner' where subject = %(s)s", s=acme.owner.subject)
        again = acme.call("POST", path, headers={"Idempotency-Key": "k"})
        assert again.headers["idempotency-replayed"] == "true"
        assert kinds(acme).count("ownership.transferred") == 1


class TestWarm:
    def test_caches_keep_nobody_in(self, acme: Company):
        """Placements, memberships and keys are all in this process's memory by then."""
        admin = joined(acme, "admin")
        key = key_of(acme, admin.person)
        for _ in range(15):
            assert admin.person.call("GET", "/v1/projects").status == 200
            assert call("GET", "/v1/projects", token=key).status == 200
        acme.call("DELETE", path_of(acme, admin.person))
        refused = [admin.person.call("GET", "/v1/projects"), call("GET", "/v1/projects", token=key)]
        assert [answer.status for answer in refused] == [403, 401]
        assert mailed(acme, invite(acme, admin.email)).startswith("inv_"), "and they can be invited again"
