"""What time does to jobs."""

from contextlib import nullcontext
from datetime import timedelta

import psycopg
import pytest

from freehold.database import done
from freehold.jobs.kinds import Effects, Outcome, Resume
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

    HERD = """
        insert into app.jobs (kind, job_class, state, input, attempts, due_at)
        select 'tests.job', %(job_class)s, 'scheduled', '{}', 1, now() - %(since)s from generate_series(1, %(many)s)
    """

    @pytest.mark.parametrize("job_class", ["standard", "interactive"])
    def test_a_herd_of_one_tenant_keeps_nobody_else_waiting(self, yard: Yard, job_class: str):
        many, one, later = (yard.tenant() for _ in range(3))
        yard.execute(many, self.HERD, job_class="standard", since=timedelta(hours=1), many=2_500)
        yard.execute(one, self.HERD, job_class=job_class, since=timedelta(seconds=1), many=1)
        yard.execute(later, self.HERD, job_class=job_class, since=timedelta(hours=-1), many=1)
        yard.wake()
        assert (yard.states(one), yard.states(later)) == (["waiting"], ["scheduled"])
        assert yard.states(many).count("waiting") < 2_500, "else nobody had been kept waiting"

    def test_a_herd_is_all_moved_after_some_turns(self, yard: Yard):
        tenants = [yard.tenant() for _ in range(3)]
        for tenant in tenants:
            yard.execute(tenant, self.HERD, job_class="mail", since=timedelta(hours=1), many=1_200)
        turns = [yard.wake().due for _ in range(4)]
        assert (sum(turns), turns[-1]) == (3_600, 0)
        assert [set(yard.states(tenant)) for tenant in tenants] == [{"waiting"}] * 3


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
    def test_one_that_has_begun_may_go_on(self, yard: Yard):
        tenant = yard.tenant()
        yard.perform(yard.hand(tenant, kind()), kind(lambda *_: Resume({})))
        yard.execute(tenant, PAST.format(column="deadline"))
        assert (yard.wake().late, yard.states(tenant)) == (0, ["waiting"])

    def test_passed_before_it_began_the_job_has_failed(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 2)
        yard.execute(tenant, "update app.jobs set deadline = now() + interval '1 hour'")
        assert yard.wake().late == 0
        yard.pick(1)
        yard.execute(tenant, PAST.format(column="deadline"))
        assert yard.wake().late == 2
        assert yard.states(tenant) == ["failed", "failed"]
        assert {data["reason"] for _, data in yard.events(tenant)} == {"Its deadline passed before it began."}


class TestIdle:
    def test_each_question_is_one_look_into_an_index(self, yard: Yard):
        for question in (
            (
                "deadline <= now() and started_at is null"
                " and state in ('scheduled', 'waiting', 'queued') order by deadline"
            ),
            "lease_until < now() and state = 'running' order by lease_until",
            "lease_until < now() and state = 'queued' order by lease_until",
            "job_class = 'mail' and due_at <= now() and state = 'scheduled' order by due_at",
        ):
            plan = yard.execute(
                yard.tenant(),
                f"explain select from app.jobs where {question} limit 10",
            )
            assert "Index" in str(plan), plan
