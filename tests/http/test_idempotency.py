"""Idempotency-Key: the same key and request get the same answer, and the effect happens once."""

import asyncio
import threading
import time

import psycopg
import pytest

from freehold.database import database
from local.companies import Company
from local.gateway import call

BODY = {"name": "Apollo"}
KEY = {"Idempotency-Key": "the-key"}


def projects(company: Company) -> int:
    return len(company.call("GET", "/v1/projects").json["items"])


class TestRepetition:
    def test_gets_the_first_answer_and_says_so(self, acme: Company):
        first, second = (acme.call("POST", "/v1/projects", body=BODY, headers=KEY) for _ in range(2))
        assert (first.status, first.body) == (second.status, second.body)
        assert first.headers["etag"] == second.headers["etag"]
        assert ("idempotency-replayed" in first.headers, "idempotency-replayed" in second.headers) == (False, True)
        assert projects(acme) == 1

    def test_gets_the_first_answer_even_after_a_change(self, acme: Company):
        first = acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        path = f"/v1/projects/{first.json['id']}"
        acme.call("PATCH", path, body={"name": "New"}, headers={"If-Match": "*"})
        assert acme.call("POST", "/v1/projects", body=BODY, headers=KEY).body == first.body

    def test_without_a_key_each_request_is_its_own(self, acme: Company):
        for _ in range(2):
            acme.call("POST", "/v1/projects", body=BODY)
        assert projects(acme) == 2

    def test_is_audited_and_announced_once(self, acme: Company):
        for _ in range(3):
            acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        counts = acme.execute(
            "select (select count(*) from app.audit where tenant_id = %(tenant_id)s and action = 'projects.insert'),"
            " (select count(*) from app.outbox where tenant_id = %(tenant_id)s and type = 'project.created')"
        )
        assert counts == [(1, 1)]

    def test_after_a_refusal_the_request_runs(self, acme: Company):
        acme.execute("update app.tenants set access = 'restricted' where id = %(tenant_id)s")
        assert acme.call("POST", "/v1/projects", body=BODY, headers=KEY).status == 402
        acme.execute("update app.tenants set access = 'full' where id = %(tenant_id)s")
        assert acme.call("POST", "/v1/projects", body=BODY, headers=KEY).status == 201

    def test_is_forgotten_after_a_day(self, acme: Company):
        acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        acme.execute("update app.idempotency set created_at = now() - interval '25 hours'")
        answer = acme.call("POST", "/v1/projects", body={"name": "Another"}, headers=KEY)
        assert (answer.status, projects(acme)) == (201, 2)

    def test_by_an_older_release_is_said_so_and_nothing_is_repeated(self, acme: Company):
        acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        acme.execute("update app.idempotency set result = result - 'description' where tenant_id = %(tenant_id)s")
        answer = acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        assert (answer.status, answer.code) == (409, "conflict")
        assert projects(acme) == 1

    def test_needs_the_permission_still(self, acme: Company):
        member = acme.member("member")
        assert acme.call_as(member, "POST", "/v1/projects", body=BODY, headers=KEY).status == 201
        acme.execute("update app.members set status = 'removed' where subject = %(subject)s", subject=member.subject)
        assert acme.call_as(member, "POST", "/v1/projects", body=BODY, headers=KEY).code == "not_a_member"


class TestAnotherRequestUnderTheSameKey:
    def test_is_refused_and_changes_nothing(self, acme: Company):
        acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        answer = acme.call("POST", "/v1/projects", body={"name": "Other"}, headers=KEY)
        assert (answer.status, answer.code) == (422, "idempotency_mismatch")
        assert projects(acme) == 1

    def test_on_another_thing_of_the_same_route_is_refused(self, acme: Company):
        one, other = acme.project()["id"], acme.project()["id"]
        assert acme.call("POST", f"/v1/projects/{one}/archive", headers=KEY).status == 200
        assert acme.call("POST", f"/v1/projects/{other}/archive", headers=KEY).code == "idempotency_mismatch"

    def test_on_another_route_is_its_own(self, acme: Company):
        project = acme.call("POST", "/v1/projects", body=BODY, headers=KEY).json
        assert acme.call("POST", f"/v1/projects/{project['id']}/archive", headers=KEY).status == 200


class TestTheSameKeyOfSomebodyElse:
    def test_two_tenants_do_not_meet(self, acme: Company, globex: Company):
        ids = {company.call("POST", "/v1/projects", body=BODY, headers=KEY).json["id"] for company in (acme, globex)}
        assert len(ids) == 2

    def test_two_members_do_not_meet(self, acme: Company):
        people = (acme.owner, acme.member("member"))
        answers = [acme.call_as(person, "POST", "/v1/projects", body=BODY, headers=KEY) for person in people]
        assert [answer.status for answer in answers] == [201, 201]
        assert projects(acme) == 2

    def test_a_member_and_their_key_do_not_meet(self, acme: Company):
        key = acme.key("projects:write")["secret"]
        acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        assert call("POST", "/v1/projects", token=key, body=BODY, headers=KEY).status == 201
        assert projects(acme) == 2


class TestInFlight:
    def test_the_second_of_two_at_once_is_told_to_wait(self, acme: Company, superuser: str):
        answers = []

        def create() -> None:
            answers.append(acme.call("POST", "/v1/projects", body=BODY, headers=KEY))
            database().close()
            asyncio.get_event_loop().close()

        with psycopg.connect(superuser) as holder:
            holder.execute("lock table app.projects in access exclusive mode")
            first = threading.Thread(target=create)
            first.start()
            time.sleep(0.3)
            second = acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
            holder.rollback()
            first.join()
        assert (second.status, second.code) == (409, "idempotency_in_flight")
        assert answers[0].status == 201
        third = acme.call("POST", "/v1/projects", body=BODY, headers=KEY)
        assert third.body == answers[0].body


class TestKey:
    @pytest.mark.parametrize("key", ["", " ", "with space", "schlüssel", "x" * 256, "\x7f", "a\nb"])
    def test_has_to_be_visible_ascii(self, acme: Company, key):
        answer = acme.call("POST", "/v1/projects", body=BODY, headers={"Idempotency-Key": key})
        assert (answer.status, answer.code) == (400, "malformed_request")
        assert projects(acme) == 0
