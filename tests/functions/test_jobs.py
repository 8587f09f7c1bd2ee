"""/v1/jobs through its handler."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from local.companies import Company

INSERT = """
    insert into app.jobs (kind, job_class, state, cause, input, attempts, attempt, reason, due_at, token, lease_until,
                          finished_at)
    values ('tests.job', %(job_class)s, %(state)s, %(cause)s, '{"secret": "of the job"}', 10, %(attempt)s, %(reason)s,
            coalesce(%(due_at)s, now()),
            case when %(state)s in ('queued', 'running') then gen_random_uuid() end,
            case when %(state)s in ('queued', 'running') then now() + interval '1 minute' end,
            case when %(state)s in ('succeeded', 'failed', 'canceled') then now() end)
    returning id
"""
USUAL: dict[str, Any] = {"job_class": "standard", "cause": None, "attempt": 0, "reason": None, "due_at": None}
LATER = datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def none_left(superuser: str) -> Iterator[None]:
    """What is left here would take the room of other tests' jobs."""
    yield
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs")


def job(company: Company, state: str = "waiting", **different: Any) -> str:
    """A job, as if a feature had submitted it; its path."""
    [(job_id,)] = company.execute(INSERT, state=state, **USUAL | different)
    return f"/v1/jobs/{job_id}"


def why(company: Company, path: str) -> dict[str, str] | None:
    return company.call("GET", path).json["waiting_because"]


class TestRead:
    def test_shows_where_it_stands_and_not_what_it_was_given(self, acme: Company):
        answer = acme.call("GET", job(acme))
        assert (answer.status, answer.json["state"], answer.json["kind"]) == (200, "waiting", "tests.job")
        assert "of the job" not in answer.body

    def test_everybody_in_the_tenant_may(self, acme: Company):
        assert acme.call_as(acme.member("viewer"), "GET", job(acme)).status == 200

    def test_the_neighbours_is_as_absent_as_none(self, acme: Company, globex: Company):
        answers = [acme.call("GET", path) for path in (job(globex), f"/v1/jobs/{uuid4()}")]
        assert [answer.status for answer in answers] == [404, 404]
        assert len({answer.json["detail"] for answer in answers}) == 1

    @pytest.mark.parametrize("job_class", ["deliveries", "mail"])
    def test_one_of_our_own_machines_is_absent(self, acme: Company, job_class: str):
        path = job(acme, "failed", job_class=job_class)
        assert acme.call("GET", path).status == 404
        assert [acme.call("POST", f"{path}/{verb}").status for verb in ("cancel", "retry")] == [404, 404]


class TestWhyItWaits:
    def test_until_a_time(self, acme: Company):
        assert why(acme, job(acme, "scheduled", due_at=LATER)) == {
            "code": "scheduled",
            "detail": "It is scheduled for 2099-01-02 03:04:05 UTC.",
        }

    def test_after_an_attempt_that_did_not_succeed(self, acme: Company):
        assert why(acme, job(acme, "scheduled", due_at=LATER, attempt=3, reason="The server said 503.")) == {
            "code": "tried_again",
            "detail": "Attempt 3 of 10 did not succeed; the next is at 2099-01-02 03:04:05 UTC. The server said 503.",
        }

    def test_for_something_that_was_no_attempt(self, acme: Company):
        assert why(acme, job(acme, "scheduled", due_at=LATER, reason="This tenant is suspended.")) == {
            "code": "put_off",
            "detail": "It was put off until 2099-01-02 03:04:05 UTC: This tenant is suspended.",
        }

    def test_behind_the_tenants_own(self, acme: Company, globex: Company):
        job(globex)
        paths = [job(acme) for _ in range(3)]
        assert [why(acme, path) for path in paths] == [
            {"code": "next", "detail": "It is your tenant's next, and waits for a worker."},
            {"code": "behind_your_own", "detail": "1 job of your own is ahead of it."},
            {"code": "behind_your_own", "detail": "2 jobs of your own are ahead of it."},
        ]

    def test_at_the_tenants_limit(self, acme: Company):
        acme.execute("insert into app.job_quotas (job_class, concurrency) values ('standard', 2) returning tenant_id")
        for state in ("queued", "running"):
            job(acme, state)
        assert why(acme, job(acme)) == {
            "code": "tenant_at_its_limit",
            "detail": "Your tenant already runs 2 of 2 standard jobs.",
        }
        assert why(acme, job(acme, job_class="bulk"))["code"] == "next"

    def test_for_the_worker_that_it_was_handed_to(self, acme: Company):
        assert why(acme, job(acme, "queued"))["code"] == "handed_over"

    def test_not_at_all(self, acme: Company):
        assert [why(acme, job(acme, state)) for state in ("running", "succeeded")] == [None, None]


class TestList:
    def test_is_newest_first_and_in_pages(self, acme: Company):
        paths = [job(acme) for _ in range(3)]
        first = acme.call("GET", "/v1/jobs", query={"limit": 2}).json
        second = acme.call("GET", "/v1/jobs", query={"limit": 2, "cursor": first["next_cursor"]}).json
        assert [f"/v1/jobs/{each['id']}" for each in first["items"] + second["items"]] == paths[::-1]

    def test_shows_each_job_as_reading_it_does(self, acme: Company):
        path = job(acme, "failed", reason="It broke.", attempt=10)
        [listed] = acme.call("GET", "/v1/jobs").json["items"]
        assert listed | {"waiting_because": None} == acme.call("GET", path).json

    def test_filters_by_class_and_state(self, acme: Company):
        for job_class in ("standard", "bulk"):
            for state in ("waiting", "failed"):
                job(acme, state, job_class=job_class)

        def shown(**query: str) -> list[tuple[str, str]]:
            items = acme.call("GET", "/v1/jobs", query=query).json["items"]
            return [(each["job_class"], each["state"]) for each in items]

        assert shown(job_class="bulk", state="failed") == [("bulk", "failed")]
        assert len(shown(state="failed")) == len(shown(job_class="bulk")) == 2
        assert acme.call("GET", "/v1/jobs", query={"state": "asleep"}).status == 422

    def test_shows_neither_the_neighbours_nor_our_machines(self, acme: Company, globex: Company):
        job(globex)
        job(acme, job_class="mail")
        assert acme.call("GET", "/v1/jobs").json["items"] == []
        assert acme.call("GET", "/v1/jobs", query={"job_class": "mail"}).json["items"] == []


class TestCancel:
    @pytest.mark.parametrize("state", ["scheduled", "waiting", "queued"])
    def test_one_that_does_not_run_at_once(self, acme: Company, state: str):
        path = job(acme, state)
        answer = acme.call("POST", f"{path}/cancel")
        assert (answer.status, answer.json["state"]) == (200, "canceled")
        assert acme.call("GET", path).json["finished_at"] is not None

    def test_one_that_runs_is_asked_to_stop(self, acme: Company):
        answer = acme.call("POST", f"{job(acme, 'running')}/cancel")
        assert (answer.status, answer.json["state"], answer.json["cancel_asked"]) == (200, "running", True)

    @pytest.mark.parametrize("state", ["waiting", "running"])
    def test_twice_changes_nothing_the_second_time(self, acme: Company, state: str):
        path = job(acme, state)
        answers = [acme.call("POST", f"{path}/cancel") for _ in range(2)]
        assert answers[0].json == answers[1].json

    @pytest.mark.parametrize("state", ["succeeded", "failed"])
    def test_one_that_is_over_is_refused(self, acme: Company, state: str):
        answer = acme.call("POST", f"{job(acme, state)}/cancel")
        assert (answer.status, answer.code) == (409, "job_over")

    def test_a_member_may_and_a_viewer_may_not(self, acme: Company):
        path = job(acme)
        assert acme.call_as(acme.member("viewer"), "POST", f"{path}/cancel").code == "permission_denied"
        assert acme.call_as(acme.member("member"), "POST", f"{path}/cancel").status == 200

    def test_the_neighbours_is_absent_and_goes_on(self, acme: Company, globex: Company):
        path = job(globex)
        assert acme.call("POST", f"{path}/cancel").status == 404
        assert globex.call("GET", path).json["state"] == "waiting"


class TestRetry:
    @pytest.mark.parametrize("state", ["failed", "canceled"])
    def test_waits_with_all_its_attempts_before_it(self, acme: Company, state: str):
        path = job(acme, state, attempt=10, reason="It broke.")
        answer = acme.call("POST", f"{path}/retry")
        assert (answer.status, answer.json["state"], answer.json["attempt"]) == (200, "waiting", 0)
        assert (answer.json["reason"], answer.json["finished_at"]) == (None, None)

    @pytest.mark.parametrize("state", ["scheduled", "queued", "running", "succeeded"])
    def test_one_that_did_not_end_so_is_refused(self, acme: Company, state: str):
        answer = acme.call("POST", f"{job(acme, state)}/retry")
        assert (answer.status, answer.code) == (409, "job_not_over")

    def test_without_a_place_in_the_backlog_it_waits_until_there_is_one(self, acme: Company):
        first, second = job(acme, "failed"), job(acme, "canceled")
        acme.execute("insert into app.job_quotas (job_class, backlog) values ('standard', 1), ('bulk', 1)")
        key = {"Idempotency-Key": "later"}
        assert acme.call("POST", f"{first}/retry").status == 200
        refused = acme.call("POST", f"{second}/retry", headers=key)
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (429, "backlog_full", "60")
        assert acme.call("GET", second).json["state"] == "canceled"
        assert acme.call("POST", f"{first}/cancel").status == 200
        assert acme.call("POST", f"{second}/retry", headers=key).status == 200

    def test_an_admin_may_and_a_member_may_not(self, acme: Company):
        path = job(acme, "failed")
        assert acme.call_as(acme.member("member"), "POST", f"{path}/retry").json["permission"] == "jobs:retry"
        assert acme.call_as(acme.member("admin"), "POST", f"{path}/retry").status == 200

    def test_the_same_key_does_it_once(self, acme: Company):
        path, headers = job(acme, "failed"), {"Idempotency-Key": "again"}
        first = acme.call("POST", f"{path}/retry", headers=headers)
        acme.execute("update app.jobs set state = 'failed', finished_at = now() where tenant_id = %(tenant_id)s")
        second = acme.call("POST", f"{path}/retry", headers=headers)
        assert (second.json, second.headers["idempotency-replayed"]) == (first.json, "true")
        assert acme.call("GET", path).json["state"] == "failed"

    def test_the_neighbours_is_absent_and_stays(self, acme: Company, globex: Company):
        path = job(globex, "failed")
        assert acme.call("POST", f"{path}/retry").status == 404
        assert globex.call("GET", path).json["state"] == "failed"


class TestWhereMoneyMoves:
    """Jobs of the class payments, beside a usual one as the control."""

    def paying(self, company: Company, state: str = "waiting") -> str:
        path = job(company, state, job_class="payments")
        result = '{"outcome": "action_required", "link": "https://pay.example.test/1"}'
        company.execute(
            "update app.jobs set result = %(result)s where tenant_id = %(tenant_id)s and job_class = 'payments'",
            result=result,
        )
        return path

    @pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("member", 404), ("viewer", 404)])
    def test_it_is_there_for_those_who_see_the_bill(self, acme: Company, role: str, status: int):
        person, path, usual = acme.member(role), self.paying(acme), job(acme)
        answer = acme.call_as(person, "GET", path)
        assert (answer.status, "pay.example.test" in answer.body) == (status, status == 200)
        listed = {f"/v1/jobs/{each['id']}" for each in acme.call_as(person, "GET", "/v1/jobs").json["items"]}
        assert listed == ({path, usual} if status == 200 else {usual})

    @pytest.mark.parametrize(
        ("role", "status"),
        [("owner", 200), ("admin", 200), ("billing", 200), ("member", 403), ("viewer", 403), ("guest", 403)],
    )
    @pytest.mark.parametrize("access", ["full", "suspended"])
    def test_its_own_route_needs_no_more_than_to_see_the_bill(self, acme: Company, role: str, status: int, access: str):
        person, path = acme.member(role), self.paying(acme).replace("/jobs/", "/billing/requests/")
        acme.execute("update app.tenants set access = %(access)s where id = %(tenant_id)s", access=access)
        answer = acme.call_as(person, "GET", path)
        assert (answer.status, "pay.example.test" in answer.body) == (status, status == 200)

    def test_its_own_route_shows_no_other_job(self, acme: Company, globex: Company):
        for path in (job(acme), self.paying(globex)):
            assert acme.call("GET", path.replace("/jobs/", "/billing/requests/")).status == 404
        assert acme.call("GET", self.paying(acme).replace("/jobs/", "/billing/requests/")).status == 200

    @pytest.mark.parametrize(
        ("role", "code"), [("owner", None), ("admin", "permission_denied"), ("member", "not_found")]
    )
    def test_who_pays_alone_cancels_it(self, acme: Company, role: str, code: str | None):
        person, path, usual = acme.member(role), self.paying(acme), job(acme)
        answer = acme.call_as(person, "POST", f"{path}/cancel")
        assert (answer.status == 200, answer.json.get("code")) == (code is None, code)
        assert acme.call("GET", path).json["state"] == ("canceled" if code is None else "waiting")
        assert acme.call_as(person, "POST", f"{usual}/cancel").json["state"] == "canceled"

    @pytest.mark.parametrize(("role", "code"), [("owner", None), ("admin", "permission_denied")])
    def test_who_pays_alone_runs_it_again(self, acme: Company, role: str, code: str | None):
        person, path, usual = acme.member(role), self.paying(acme, "failed"), job(acme, "failed")
        answer = acme.call_as(person, "POST", f"{path}/retry")
        assert (answer.status == 200, answer.json.get("code")) == (code is None, code)
        assert answer.json.get("permission") == (None if code is None else "billing:write")
        assert acme.call("GET", path).json["state"] == ("waiting" if code is None else "failed")
        assert acme.call_as(person, "POST", f"{usual}/retry").json["state"] == "waiting"

    def test_one_that_an_admin_may_not_cancel_but_that_is_over_is_just_over(self, acme: Company):
        answer = acme.call_as(acme.member("admin"), "POST", f"{self.paying(acme, 'succeeded')}/cancel")
        assert answer.code == "job_over"
