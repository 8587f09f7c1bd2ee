"""What time does to jobs."""

from contextlib import nullcontext
from datetime import timedelta

import psycopg
import pytest

from freehold.database import done
from freehold.jobs.kinds import Effects, Outcome
from freehold.jobs.models import Job, JobClass
from freehold.jobs.running import Running
from tests.jobs.conftest import Given, Yard, kind

PAST = "update app.jobs set {column} = now() - interval '1 second' where tenant_id = %(tenant_id)s"


class TestDue:
    def test_waits_once_its_time_has_come(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 1, delay=timedelta(hours=1))
        assert (yard.wake().due, yard.states(tenant)) == (0, ["scheduled"])
        yard.execute(tenant, PAST.format(column="due_at"))
        assert (yard.wake().due, yard.states(tenant)) == (1, ["waiting"])


class TestUntaken:
    def test_waits_again_and_has_lost_no_attempt(self, yard: Yard):
        tenant = yard.tenant()
        yard.hand(tenant, kind())
        assert yard.wake().returned == 0, "its lease is not over"
        yard.lose_the_lease(tenant)
        assert yard.wake().returned == 1
        job = yard.job(tenant)
        assert (job["state"], job["attempt"], job["token"]) == ("waiting", 0, None)


class TestALostWorker:
    def running(self, yard: Yard, attempt: int, **different):
        tenant = yard.tenant()
        yard.hand(tenant, kind(**different))
        yard.execute(
            tenant,
            "update app.jobs set state = 'running', attempt = %(attempt)s, lease_until = now() - interval '1 second'"
            " where tenant_id = %(tenant_id)s",
            attempt=attempt,
        )
        return tenant

    def test_was_one_attempt(self, yard: Yard):
        tenant = self.running(yard, 1)
        assert yard.wake().lost == 1
        job = yard.job(tenant)
        assert (job["state"], job["attempt"], job["reason"]) == ("scheduled", 1, "The worker that ran it was lost.")
        assert job["due_at"] - job["updated_at"] <= timedelta(seconds=40)

    def test_at_the_last_attempt_the_job_has_failed(self, yard: Yard):
        tenant = self.running(yard, 10)
        yard.wake()
        assert yard.states(tenant) == ["failed"]
        [(event, data)] = yard.events(tenant)
        assert (event, data["state"], data["reason"]) == ("job.failed", "failed", "The worker that ran it was lost.")
        assert data.keys() == Job.model_fields.keys()

    def test_at_the_last_attempt_a_machines_own_is_not_run_again_but_ended_with_what_follows(self, yard: Yard):
        seen: list[tuple[int, str]] = []

        def runs(running: Running, given: Given) -> Outcome:
            raise AssertionError("It is not run again.")

        def failed(given: Given, reason: str) -> Effects:
            seen.append((given.number, reason))
            return (done("select 1 / %(below)s", below=len(seen) - 1),)  # the first time, this fails as well

        mails = kind(runs, job_class=JobClass.MAIL, failed=failed)
        tenant = self.running(yard, 10, job_class=JobClass.MAIL)
        for ends in (pytest.raises(psycopg.errors.DivisionByZero), nullcontext()):
            assert (yard.wake().lost, yard.states(tenant)) == (1, ["scheduled"])
            yard.execute(tenant, PAST.format(column="due_at"))
            yard.wake()
            [handed] = yard.pick(10, JobClass.MAIL)
            with ends:
                yard.perform(handed, mails)
            yard.lose_the_lease(tenant)
        assert (yard.states(tenant), yard.events(tenant)) == (["failed"], [])
        assert seen == [(0, "The worker that ran it was lost.")] * 2

    def test_a_job_that_was_to_be_canceled_is(self, yard: Yard):
        tenant = self.running(yard, 1)
        yard.execute(tenant, "update app.jobs set cancel_asked = true where tenant_id = %(tenant_id)s")
        yard.wake()
        assert yard.states(tenant) == ["canceled"]


class TestDeadline:
    def test_passed_before_it_was_done_the_job_has_failed(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 2)
        yard.execute(tenant, "update app.jobs set deadline = now() + interval '1 hour'")
        assert yard.wake().late == 0
        yard.pick(1)
        yard.execute(tenant, PAST.format(column="deadline"))
        assert yard.wake().late == 2
        assert yard.states(tenant) == ["failed", "failed"]
        assert {data["reason"] for _, data in yard.events(tenant)} == {"Its deadline passed before it was done."}


class TestIdle:
    def test_each_question_is_one_look_into_an_index(self, yard: Yard):
        for question in (
            "deadline <= now() and state in ('scheduled', 'waiting', 'queued') order by deadline",
            "lease_until < now() and state = 'running' order by lease_until",
            "lease_until < now() and state = 'queued' order by lease_until",
            "due_at <= now() and state = 'scheduled' order by due_at",
        ):
            plan = yard.execute(
                yard.tenant(),
                f"explain select from app.jobs where {question} limit 10",
            )
            assert "Index" in str(plan), plan
