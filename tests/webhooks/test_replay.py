"""Sending again what happened in a time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from freehold.ids import first_id, moment_of
from freehold.jobs.models import JobClass
from freehold.webhooks import replay
from local.companies import Company
from tests.webhooks.listeners import Listener, answering
from tests.webhooks.office import ENDPOINTS, Office, heard

EVER = "2026-01-01T00:00:00Z"


def ask(office: Office, endpoint: dict, **wanted) -> str:
    answer = office.tenant.call("POST", f"{ENDPOINTS}/{endpoint['id']}/replay", body={"since": EVER} | wanted)
    assert answer.status == 202, answer
    return answer.json["id"]


def result(office: Office, job: str) -> dict:
    [(found,)] = office.execute("select result from app.jobs where id = %(id)s", id=job)
    return found


class TestReplay:
    def test_sends_what_happened_before_there_was_an_endpoint_under_the_events_own_ids(self, office: Office):
        for _ in range(3):
            office.tenant.project()
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            job = ask(office, office.endpoint(receiver.url, events=["project.created"]))
            assert office.run(JobClass.STANDARD) == ["succeeded"]
            office.run()
        assert [request.event_id for request in heard(receiver)] == [
            e.id for e in office.events(type="project.created")
        ]
        assert [request.event for request in heard(receiver)] == [
            event.model_dump(mode="json") for event in office.events(type="project.created")
        ]
        assert result(office, job)["complete"] is True

    def test_of_the_time_that_was_asked_for(self, office: Office):
        for _ in range(3):
            office.tenant.project()
        _, second, third = office.events(type="project.created")
        endpoint = office.endpoint(events=["project.created"])
        ask(office, endpoint, since=moment_of(second.id).isoformat(), until=moment_of(third.id).isoformat())
        office.run(JobClass.STANDARD)
        assert [delivery["event_id"] for delivery in office.listed()] == [str(second.id)]

    def test_of_the_types_that_were_asked_for_and_that_the_endpoint_is_for(self, office: Office):
        office.tenant.key("projects:read")
        project = office.tenant.project()
        office.tenant.call("POST", f"/v1/projects/{project['id']}/archive")
        ask(office, office.endpoint(events=["project.created", "project.archived"]), events=["project.archived"])
        ask(office, office.endpoint(events=["project.created"]))
        office.run(JobClass.STANDARD)
        assert [delivery["event_type"] for delivery in office.listed()] == ["project.created", "project.archived"]

    def test_from_before_there_was_time_is_from_the_first(self, office: Office):
        office.tenant.project()
        ask(office, office.endpoint(events=["project.created"]), since="1960-01-01T00:00:00Z")
        assert office.run(JobClass.STANDARD) == ["succeeded"]
        assert len(office.listed()) == 1

    def test_whose_job_was_handed_to_somebody_else_makes_nothing(self, office: Office, monkeypatch: pytest.MonkeyPatch):
        office.tenant.project()
        ask(office, office.endpoint(events=["project.created"]))
        past_events = replay.sending.past_events

        def meanwhile(*given: Any) -> Any:
            office.execute("update app.jobs set token = gen_random_uuid() where tenant_id = %(tenant_id)s")
            return past_events(*given)

        monkeypatch.setattr(replay.sending, "past_events", meanwhile)
        assert office.run(JobClass.STANDARD) == ["lease_lost"]
        assert office.listed() == []

    def test_goes_to_the_one_endpoint_alone(self, office: Office, globex: Company):
        office.tenant.project()
        globex.project()
        office.endpoint()
        wanted = office.endpoint(events=["project.created"])
        ask(office, wanted)
        office.run(JobClass.STANDARD)
        assert [delivery["endpoint_id"] for delivery in office.listed()] == [wanted["id"]]

    def test_a_batch_that_was_made_is_not_made_again_after_a_crash(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ):
        for _ in range(5):
            office.tenant.project()
        monkeypatch.setattr(replay, "BATCH", 2)
        job = ask(office, office.endpoint(events=["project.created"]))
        lost = "update app.jobs set state = 'waiting', token = null, lease_until = null, finished_at = null,"
        office.run(JobClass.STANDARD)
        assert len(office.listed()) == 5
        for checkpoint in ("null", "checkpoint"):
            office.execute(f"{lost} checkpoint = {checkpoint} where id = %(id)s", id=job)
            office.run(JobClass.STANDARD)
            assert len(office.listed()) == 5

    def test_ends_at_the_most_and_says_where(self, office: Office, monkeypatch: pytest.MonkeyPatch):
        for _ in range(5):
            office.tenant.project()
        monkeypatch.setattr(replay, "MOST", 3)
        job = ask(office, office.endpoint(events=["project.created"]))
        office.run(JobClass.STANDARD)
        assert len(office.listed()) == 3
        ended = result(office, job)
        assert (ended["deliveries"], ended["complete"]) == (3, False)
        ask(office, office.listed()[0] | {"id": office.listed()[0]["endpoint_id"]}, since=ended["reached"])
        office.run(JobClass.STANDARD)
        assert {delivery["event_id"] for delivery in office.listed()} == {
            str(event.id) for event in office.events(type="project.created")
        }

    def test_says_how_many_deliveries_it_made_rather_than_what_it_looked_at(self, office: Office):
        office.tenant.project()
        job = ask(office, office.endpoint(events=["project.archived"]))
        office.run(JobClass.STANDARD)
        assert result(office, job) == {"deliveries": 0, "complete": True}

    def test_fails_where_its_endpoint_is_gone(self, office: Office):
        office.tenant.project()
        endpoint = office.endpoint(events=["project.created"])
        ask(office, endpoint)
        office.tenant.call("DELETE", f"{ENDPOINTS}/{endpoint['id']}")
        assert office.run(JobClass.STANDARD) == ["failed"]

    def test_who_asked_for_it_and_may_not_any_more_gets_none(self, office: Office):
        office.tenant.project()
        admin = office.tenant.member("admin")
        endpoint = office.endpoint()
        path = f"{ENDPOINTS}/{endpoint['id']}/replay"
        assert office.tenant.call_as(admin, "POST", path, body={"since": EVER}).status == 202
        office.execute("update app.members set role = 'viewer' where subject = %(subject)s", subject=admin.subject)
        assert office.run(JobClass.STANDARD) == ["failed"]
        assert office.listed() == []


class TestIds:
    def test_an_id_tells_its_moment_and_a_moment_its_first_id(self):
        made = UUID("0199d0c8-1111-7000-8000-000000000001")
        assert first_id(moment_of(made)) < made < first_id(moment_of(made) + timedelta(milliseconds=1))

    def test_the_first_id_of_a_moment_is_below_all_that_the_database_makes_then(self, office: Office):
        [(made, now)] = office.execute("select uuidv7(), clock_timestamp()")
        assert isinstance(now, datetime)
        assert first_id(now - timedelta(seconds=1)) < made < first_id(now + timedelta(seconds=1))
