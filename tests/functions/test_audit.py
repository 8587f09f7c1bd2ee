"""/v1/audit: a tenant reads who changed what, and only its own."""

from datetime import UTC, datetime, timedelta

import pytest

from local.companies import Company
from local.gateway import call
from tests.wire import Wire


def entries(company: Company, **wanted: object) -> list[dict]:
    answer = company.call("GET", "/v1/audit", query=wanted)
    assert answer.status == 200, answer
    return answer.json["items"]


def renamed(company: Company) -> dict:
    """A project that got another name."""
    project = company.project("Apollo")
    company.call("PATCH", f"/v1/projects/{project['id']}", body={"name": "Artemis"}, headers={"If-Match": "*"})
    return project


class TestList:
    def test_is_newest_first(self, acme: Company):
        renamed(acme)
        assert [each["action"] for each in entries(acme)][:2] == ["projects.update", "projects.insert"]

    def test_says_who_what_before_and_after(self, acme: Company):
        project = renamed(acme)
        [entry] = entries(acme, action="projects.update")
        [member] = acme.call("GET", "/v1/members").json["items"]
        assert entry["principal"] == f"member:{member['id']}"
        assert entry["row_id"] == project["id"]
        assert entry["change"]["name"] == ["Apollo", "Artemis"]
        assert entry["address"] == "192.0.2.1"

    def test_filters_by_each_alone_and_together(self, acme: Company):
        project, other = renamed(acme), acme.project("Gemini")
        newest = entries(acme)[0]
        assert {each["row_id"] for each in entries(acme, row_id=project["id"])} == {project["id"]}
        assert [each["row_id"] for each in entries(acme, request_id=newest["request_id"])] == [other["id"]]
        assert len(entries(acme, principal=newest["principal"])) == len(entries(acme))
        assert entries(acme, principal="api_key:nobody") == []
        both = entries(acme, action="projects.insert", row_id=project["id"])
        assert [(each["action"], each["row_id"]) for each in both] == [("projects.insert", project["id"])]

    def test_of_a_span_of_time(self, acme: Company):
        renamed(acme)
        now = datetime.now(UTC)
        soon, ago = (now + timedelta(minutes=1)).isoformat(), (now - timedelta(minutes=1)).isoformat()
        assert entries(acme, since=soon) == entries(acme, until=ago) == []
        assert entries(acme, since=ago, until=soon) == entries(acme) != []

    def test_comes_in_pages(self, acme: Company):
        renamed(acme)
        first = acme.call("GET", "/v1/audit", query={"limit": 1}).json
        second = acme.call("GET", "/v1/audit", query={"limit": 1, "cursor": first["next_cursor"]}).json
        assert [first["items"][0], second["items"][0]] == entries(acme)[:2]

    def test_does_not_tell_of_persons_and_secrets(self, acme: Company):
        acme.key("projects:read")
        [member] = entries(acme, action="members.insert")
        [key] = entries(acme, action="api_keys.insert")
        assert member["change"]["email"] == member["change"]["subject"] == ["***", "***"]
        assert key["change"]["secret_hash"] == ["***", "***"]
        assert member["change"]["role"] == [None, "owner"], "the control: what is neither is there"

    @pytest.mark.parametrize(
        "wanted", [{"action": "DROP"}, {"row_id": 1}, {"since": "yesterday"}, {"limit": 0}], ids=str
    )
    def test_refuses_what_makes_no_sense(self, acme: Company, wanted: dict):
        assert acme.call("GET", "/v1/audit", query=wanted).status == 422

    @pytest.mark.parametrize(("role", "status"), [("admin", 200), ("member", 403), ("viewer", 403), ("billing", 403)])
    def test_is_for_owners_and_admins(self, acme: Company, role: str, status: int):
        assert acme.call_as(acme.member(role), "GET", "/v1/audit").status == status

    def test_a_key_needs_its_scope(self, acme: Company):
        with_it, without = acme.key("audit:read"), acme.key("projects:read")
        assert call("GET", "/v1/audit", token=with_it["secret"]).status == 200
        assert call("GET", "/v1/audit", token=without["secret"]).status == 403

    def test_the_neighbours_are_not_in_it(self, acme: Company, globex: Company):
        project = globex.project()
        assert entries(acme, row_id=project["id"]) == []
        assert entries(globex, row_id=project["id"]), "the control: they are there"

    def test_takes_one_round_trip(self, acme: Company, wire: Wire):
        acme.call("GET", "/v1/audit")
        with wire.counting() as counted:
            entries(acme, action="projects.insert")
        assert counted == [1]


class TestRead:
    def test_is_the_entry_of_the_list(self, acme: Company):
        [entry] = entries(acme, action="tenants.insert")
        assert acme.call("GET", f"/v1/audit/{entry['id']}").json == entry

    def test_the_neighbours_is_absent(self, acme: Company, globex: Company):
        [entry] = entries(globex, action="tenants.insert")
        assert acme.call("GET", f"/v1/audit/{entry['id']}").status == 404
