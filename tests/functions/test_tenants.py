"""/v1/tenants and /v1/tenant through their handler."""

import time

from local.companies import Company, People


class TestSignUp:
    def test_makes_the_person_an_owner(self, people: People):
        person = people.somebody()
        tenant = person.call("POST", "/v1/tenants", body={"name": "Acme"}).json
        [membership] = person.call("GET", "/v1/tenants").json["items"]
        assert (membership["id"], membership["role"]) == (tenant["id"], "owner")

    def test_the_same_key_makes_one_tenant(self, people: People):
        person = people.somebody()
        request = {"body": {"name": "Acme"}, "headers": {"Idempotency-Key": "k"}}
        first, second = (person.call("POST", "/v1/tenants", **request) for _ in range(2))
        assert first.json == second.json
        assert second.headers["idempotency-replayed"] == "true"
        assert len(person.call("GET", "/v1/tenants").json["items"]) == 1

    def test_the_same_key_of_somebody_else_makes_another(self, people: People):
        request = {"body": {"name": "Acme"}, "headers": {"Idempotency-Key": "k"}}
        ids = {people.somebody().call("POST", "/v1/tenants", **request).json["id"] for _ in range(2)}
        assert len(ids) == 2

    def test_the_same_key_for_another_name_is_refused(self, people: People):
        person, headers = people.somebody(), {"Idempotency-Key": "k"}
        person.call("POST", "/v1/tenants", body={"name": "Acme"}, headers=headers)
        answer = person.call("POST", "/v1/tenants", body={"name": "Globex"}, headers=headers)
        assert (answer.status, answer.code) == (422, "idempotency_mismatch")

    def test_a_removed_owner_learns_nothing_from_repeating_it(self, people: People):
        person = people.somebody()
        request = {"body": {"name": "Acme"}, "headers": {"Idempotency-Key": "k"}}
        tenant = person.call("POST", "/v1/tenants", **request).json
        company = Company(tenant["id"], person, people)
        company.member("owner")
        company.execute("update app.members set status = 'removed' where subject = %(who)s", who=person.subject)
        assert person.call("POST", "/v1/tenants", **request).code == "not_a_member"

    def test_an_ended_session_learns_nothing_either(self, people: People):
        person = people.somebody(iat=int(time.time()) - 60)
        request = {"body": {"name": "Acme"}, "headers": {"Idempotency-Key": "k"}}
        tenant = person.call("POST", "/v1/tenants", **request).json
        company = Company(tenant["id"], person, people)
        company.execute("update app.members set sessions_ended_at = now() where tenant_id = %(tenant_id)s")
        for answer in (
            person.call("POST", "/v1/tenants", **request),
            person.call("GET", "/v1/tenants"),
            person.call("POST", "/v1/projects", body={"name": "Apollo"}),
        ):
            assert (answer.status, answer.code) == (401, "session_ended")

    def test_a_session_that_ended_in_one_tenant_goes_on_in_another(self, people: People):
        person = people.somebody(iat=int(time.time()) - 60)
        one, other = people.company("One", owner=person), people.company("Other", owner=person)
        one.execute("update app.members set sessions_ended_at = now() where tenant_id = %(tenant_id)s")
        assert [t["id"] for t in person.call("GET", "/v1/tenants").json["items"]] == [str(other.id)]
        assert other.call("GET", "/v1/tenant").status == 200

    def test_keeps_an_address_only_where_the_issuer_has_verified_it(self, people: People):
        email = "select email from app.members where tenant_id = %(tenant_id)s"
        claimed = people.company(owner=people.somebody(email="jo@acme.test", email_verified=False))
        assert claimed.execute(email) == [(None,)]
        verified = people.company(owner=people.somebody(email="jo@acme.test", email_verified=True))
        assert verified.execute(email) == [("jo@acme.test",)], "the control"

    def test_writes_an_audit_trail_and_an_event(self, acme: Company):
        actions = acme.execute("select action, principal from app.audit where tenant_id = %(tenant_id)s order by id")
        assert [action for action, _ in actions] == ["tenants.insert", "members.insert"]
        assert all(principal.startswith("member:") for _, principal in actions)
        assert acme.execute("select type from app.outbox where tenant_id = %(tenant_id)s") == [("tenant.created",)]


class TestListMine:
    def test_shows_mine_only_and_my_role_in_each(self, acme: Company, globex: Company):
        member = acme.member("viewer")
        [only] = member.call("GET", "/v1/tenants").json["items"]
        assert (only["id"], only["name"], only["role"]) == (str(acme.id), "Acme", "viewer")

    def test_leaves_out_where_i_was_removed(self, acme: Company):
        member = acme.member("viewer")
        acme.execute("update app.members set status = 'removed' where subject = %(subject)s", subject=member.subject)
        assert member.call("GET", "/v1/tenants").json["items"] == []


class TestRead:
    def test_is_the_one_that_the_request_acts_in(self, acme: Company, globex: Company):
        assert acme.call("GET", "/v1/tenant").json["name"] == "Acme"
        assert acme.call_as(globex.owner, "GET", "/v1/tenant").status == 403


class TestChange:
    def test_renames_and_counts_the_version(self, acme: Company):
        answer = acme.call("PATCH", "/v1/tenant", body={"name": "Acme Inc"}, headers={"If-Match": '"1"'})
        assert (answer.json["name"], answer.headers["etag"]) == ("Acme Inc", '"2"')
        assert acme.call("PATCH", "/v1/tenant", body={}, headers={"If-Match": '"1"'}).status == 412

    def test_a_member_may_not(self, acme: Company):
        member = acme.member("member")
        answer = acme.call_as(member, "PATCH", "/v1/tenant", body={"name": "Mine"}, headers={"If-Match": "*"})
        assert answer.code == "permission_denied"

    def test_access_cannot_be_bought_this_way(self, acme: Company):
        answer = acme.call("PATCH", "/v1/tenant", body={"access": "full"}, headers={"If-Match": "*"})
        assert (answer.status, answer.code) == (422, "invalid_input")


class TestEnd:
    def test_a_tenant_can_be_deleted_and_takes_everything_with_it(self, acme: Company, globex: Company):
        globex.project()
        acme.project()
        acme.key("projects:read")
        acme.execute("delete from app.tenants where id = %(tenant_id)s")
        for table in ("app.members", "app.projects", "app.audit", "app.outbox", "app.api_keys"):
            assert acme.execute(f"select count(*) from {table} where tenant_id = %(tenant_id)s") == [(0,)]
        assert len(globex.call("GET", "/v1/projects").json["items"]) == 1


class TestNamingNone:
    def test_a_change_never_lands_in_a_tenant_that_nobody_named(self, acme: Company, people: People):
        acme.owner.call("GET", "/v1/projects")
        people.company("Second", owner=acme.owner)
        answer = acme.owner.call("POST", "/v1/projects", body={"name": "Whose?"})
        assert (answer.status, answer.code) == (400, "tenant_required")
