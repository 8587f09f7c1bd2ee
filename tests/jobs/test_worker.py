"""Running jobs: each outcome, the lease and its fence, and whoever submitted it looked at again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from freehold.callers import WorkerCaller
from freehold.database import Database, Query, Statement, TenantGone, Works, done
from freehold.database.session import Transaction
from freehold.errors import Busy, TenantSuspended, Unavailable
from freehold.jobs.kinds import LARGEST, Again, Done, Effects, GiveUp, Outcome, Resume
from freehold.jobs.models import Job, JobClass
from freehold.jobs.running import Canceled, Running
from freehold.jobs.worker import perform
from freehold.permissions import TENANT_WRITE
from local.companies import Company
from tests.jobs.conftest import Given, Yard, kind


def mark(name: str):
    """An effect that can be seen."""
    return done(
        "insert into app.inbox (tenant_id, consumer, event_id) values (%(tenant_id)s, %(name)s, %(event)s)",
        name=name,
        event=uuid4(),
    )


def effects(yard: Yard, tenant) -> list[str]:
    return [name for (name,) in yard.execute(tenant, "select consumer from app.inbox where tenant_id = %(tenant_id)s")]


def again(running: Running, given: Given) -> Outcome:
    return Again(None, "It was not the day for it.", effects=(mark("again"),))


class LosesTheFirstAnswer(Works):
    """A connection that breaks when the first transaction has committed, and before anybody hears of it."""

    def __init__(self, real: Works) -> None:
        self._real, self._lost = real, False

    def do(self, *statements: Statement[Any]) -> None:
        self._real.do(*statements)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._real.transaction() as tx:
            yield tx
        if not self._lost:
            self._lost = True
            raise Unavailable


class Breaks(Database):
    """The database, over such connections."""

    def __init__(self, real: Database) -> None:
        self._real = real

    def working(self, caller: WorkerCaller) -> Works:
        return LosesTheFirstAnswer(self._real.working(caller))


class TestTheFirstAnswer:
    def test_lost_after_the_commit_the_job_is_run_all_the_same(self, yard: Yard):
        tenant, does = yard.tenant(), kind()
        handed = yard.hand(tenant, does)
        assert perform({does.name: does}, Breaks(yard.workers), handed) == "succeeded"
        assert yard.job(tenant)["attempt"] == 1

    def test_of_a_job_that_is_over_begins_nothing(self, yard: Yard):
        tenant, does = yard.tenant(), kind()
        handed = yard.hand(tenant, does)
        yard.perform(handed, does)
        assert perform({does.name: does}, Breaks(yard.workers), handed) == "stale"


class TestDone:
    def test_result_and_effects_are_there_together(self, yard: Yard):
        tenant = yard.tenant()
        counts = kind(lambda _, given: Done({"sum": given.number + 1}, (mark("done"),)))
        assert yard.perform(yard.hand(tenant, counts), counts) == "succeeded"
        job = yard.job(tenant)
        assert (job["state"], job["result"], job["attempt"]) == ("succeeded", {"sum": 1}, 1)
        assert job["started_at"] <= job["finished_at"]
        assert effects(yard, tenant) == ["done"]

    def test_is_announced_as_the_api_shows_it(self, yard: Yard):
        tenant, does = yard.tenant(), kind()
        yard.perform(yard.hand(tenant, does), does)
        [(event, data)] = yard.events(tenant)
        assert (event, data["state"], data["kind"]) == ("job.succeeded", "succeeded", "tests.nothing")
        assert data.keys() == Job.model_fields.keys()

    def test_of_a_machines_own_job_nothing_stays_and_nothing_is_told(self, yard: Yard):
        tenant, mails = yard.tenant(), kind(job_class=JobClass.MAIL)
        assert yard.perform(yard.hand(tenant, mails), mails) == "succeeded"
        assert (yard.states(tenant), yard.events(tenant)) == ([], [])

    def test_effects_that_fail_take_done_with_them(self, yard: Yard):
        tenant = yard.tenant()
        breaks = kind(lambda *_: Done(None, (mark("first"), done("select 1 / 0"))))
        assert yard.perform(yard.hand(tenant, breaks), breaks) == "again"
        assert (yard.states(tenant), effects(yard, tenant), yard.events(tenant)) == (["scheduled"], [], [])

    def test_a_result_that_is_too_large_is_said_so(self, yard: Yard):
        tenant, large = yard.tenant(), kind(lambda *_: Done({"text": "x" * LARGEST}))
        assert yard.perform(yard.hand(tenant, large), large) == "failed"
        assert yard.job(tenant)["reason"] == "Its result is larger than 64 KiB."


class TestAgain:
    def test_waits_and_says_why(self, yard: Yard):
        tenant, does = yard.tenant(), kind(again)
        assert yard.perform(yard.hand(tenant, does), does) == "again"
        job = yard.job(tenant)
        assert (job["state"], job["attempt"], job["reason"]) == ("scheduled", 1, "It was not the day for it.")
        assert effects(yard, tenant) == ["again"]

    def test_what_does_not_count_is_no_attempt(self, yard: Yard):
        tenant, does = yard.tenant(), kind(lambda *_: Again(timedelta(hours=1), "Later.", counts=False), attempts=1)
        yard.perform(yard.hand(tenant, does), does)
        job = yard.job(tenant)
        assert (job["state"], job["attempt"]) == ("scheduled", 0)
        assert job["due_at"] - job["updated_at"] == timedelta(hours=1)

    def test_the_last_attempt_has_failed_and_says_so(self, yard: Yard):
        tenant, does = yard.tenant(), kind(again, attempts=2)
        yard.perform(yard.hand(tenant, does), does)
        yard.execute(tenant, "update app.jobs set due_at = now() where tenant_id = %(tenant_id)s")
        yard.wake()
        assert yard.perform(yard.pick(1)[0], does) == "failed"
        assert (yard.states(tenant), effects(yard, tenant)) == (["failed"], ["again", "again"])
        [(event, data)] = yard.events(tenant)
        assert (event, data["attempt"], data["reason"]) == ("job.failed", 2, "It was not the day for it.")


class TestAnException:
    def test_is_one_more_attempt_and_keeps_what_it_said_to_itself(self, yard: Yard):
        def breaks(running: Running, given: Given) -> Outcome:
            raise ValueError("password=hunter2")

        tenant, does = yard.tenant(), kind(breaks)
        assert yard.perform(yard.hand(tenant, does), does) == "again"
        job = yard.job(tenant)
        assert (job["state"], job["attempt"]) == ("scheduled", 1)
        assert job["reason"] == "It failed on our side (ValueError)."

    def test_of_ours_tells_its_sentence(self, yard: Yard):
        def breaks(running: Running, given: Given) -> Outcome:
            raise Busy

        tenant, does = yard.tenant(), kind(breaks)
        yard.perform(yard.hand(tenant, does), does)
        assert yard.job(tenant)["reason"] == Busy.sentence()

    def test_giving_up_is_for_good(self, yard: Yard):
        def gives_up(running: Running, given: Given) -> Outcome:
            raise GiveUp("The file is empty.", effects=(mark("gave up"),))

        tenant, does = yard.tenant(), kind(gives_up)
        assert yard.perform(yard.hand(tenant, does), does) == "failed"
        assert (yard.job(tenant)["reason"], effects(yard, tenant)) == ("The file is empty.", ["gave up"])
        assert [event for event, _ in yard.events(tenant)] == ["job.failed"]

    @pytest.mark.parametrize(
        ("ends", "reason"),
        [
            (again, "It was not the day for it."),
            (lambda *_: 1 / 0, "It failed on our side (ZeroDivisionError)."),
            (lambda *_: Done({"text": "x" * LARGEST}), "Its result is larger than 64 KiB."),
        ],
        ids=["again", "exception", "too large"],
    )
    def test_whatever_it_fails_of_for_good_its_kind_adds_what_follows(self, yard: Yard, ends, reason: str):
        told: list[str] = []

        def failed(given: Given, reason: str) -> Effects:
            told.append(reason)
            return (mark("failed"),)

        tenant, does = yard.tenant(), kind(ends, attempts=2, failed=failed)
        word = yard.perform(yard.hand(tenant, does), does)
        assert (word, "failed" in effects(yard, tenant)) in (("again", False), ("failed", True)), "only at the last"
        if word == "again":
            yard.execute(tenant, "update app.jobs set due_at = now() where tenant_id = %(tenant_id)s")
            yard.wake()
            assert yard.perform(yard.pick(1)[0], does) == "failed"
        assert (told, effects(yard, tenant)[-1]) == ([reason], "failed")

    def test_what_follows_is_nothing_where_it_cannot_be_read_what_it_was_given(self, yard: Yard):
        tenant, does = yard.tenant(), kind(attempts=1, failed=lambda *_: (mark("failed"),))
        handed = yard.hand(tenant, does)
        yard.execute(tenant, """update app.jobs set input = '{"number": "x"}' where tenant_id = %(tenant_id)s""")
        assert yard.perform(handed, does) == "failed"
        assert effects(yard, tenant) == []

    def test_a_machines_own_job_that_failed_stays_to_be_looked_at(self, yard: Yard):
        def gives_up(running: Running, given: Given) -> Outcome:
            raise GiveUp("Nobody lives there.")

        tenant, mails = yard.tenant(), kind(gives_up, job_class=JobClass.MAIL)
        yard.perform(yard.hand(tenant, mails), mails)
        assert (yard.states(tenant), yard.events(tenant)) == (["failed"], [])

    def test_a_kind_that_nobody_knows_may_be_a_newer_workers_and_fails_in_the_end(self, yard: Yard):
        tenant = yard.tenant()
        assert yard.perform(yard.hand(tenant, kind(name="tests.new", attempts=2))) == "again"
        yard.execute(tenant, "update app.jobs set due_at = now() where tenant_id = %(tenant_id)s")
        yard.wake()
        assert yard.perform(yard.pick(1)[0]) == "failed"
        assert yard.job(tenant)["reason"] == "Nobody here knows jobs of the kind tests.new."


class TestResume:
    def test_goes_on_in_another_invocation_as_the_same_attempt(self, yard: Yard):
        seen: list[tuple[int, dict | None]] = []

        def counts(running: Running, given: Given) -> Outcome:
            seen.append((running.attempt, running.checkpoint))
            at = (running.checkpoint or {"at": 0})["at"] + 1
            return Done({"at": at}) if at == 3 else Resume({"at": at}, (mark(f"part {at}"),))

        tenant, does = yard.tenant(), kind(counts, attempts=1)
        words = [yard.perform(yard.hand(tenant, does), does)]
        words += [yard.perform(yard.pick(1)[0], does) for _ in range(2)]
        assert words == ["resumes", "resumes", "succeeded"]
        assert seen == [(1, None), (1, {"at": 1}), (1, {"at": 2})]
        assert yard.job(tenant)["result"] == {"at": 3}
        assert effects(yard, tenant) == ["part 1", "part 2"]

    def test_keeps_its_place_among_its_tenants(self, yard: Yard):
        tenant, does = yard.tenant(concurrency=1), kind(lambda *_: Resume({}))
        first = yard.hand(tenant, does)
        yard.add(tenant, 3)
        yard.perform(first, does)
        assert [job.job_id for job in yard.pick(10)] == [first.job_id]

    def test_an_attempt_that_fails_goes_on_from_the_last_beat(self, yard: Yard):
        seen: list[dict | None] = []

        def breaks(running: Running, given: Given) -> Outcome:
            seen.append(running.checkpoint)
            running.beat(checkpoint={"rows": 10})
            raise ValueError

        tenant, does = yard.tenant(), kind(breaks)
        yard.perform(yard.hand(tenant, does), does)
        yard.execute(tenant, "update app.jobs set due_at = now() where tenant_id = %(tenant_id)s")
        yard.wake()
        yard.perform(yard.pick(1)[0], does)
        assert seen == [None, {"rows": 10}]


class TestBeat:
    def test_keeps_the_lease_and_shows_how_far_it_is(self, yard: Yard):
        def beats(running: Running, given: Given) -> Outcome:
            yard.lose_the_lease(running.tenant_id)
            running.beat(3, 10)
            assert yard.wake().lost == 0
            return Done()

        tenant, does = yard.tenant(), kind(beats)
        assert yard.perform(yard.hand(tenant, does), does) == "succeeded"
        job = yard.job(tenant)
        assert (job["done"], job["total"]) == (3, 10)

    def test_the_control_without_one_the_lease_is_lost(self, yard: Yard):
        def sleeps(running: Running, given: Given) -> Outcome:
            yard.lose_the_lease(running.tenant_id)
            assert yard.wake().lost == 1
            return Done(None, (mark("too late"),))

        tenant, does = yard.tenant(), kind(sleeps)
        assert yard.perform(yard.hand(tenant, does), does) == "lease_lost"
        assert effects(yard, tenant) == []

    def test_hears_that_the_job_was_canceled(self, yard: Yard):
        def is_canceled(running: Running, given: Given) -> Outcome:
            yard.execute(running.tenant_id, "update app.jobs set cancel_asked = true where tenant_id = %(tenant_id)s")
            with pytest.raises(Canceled):
                running.beat()
            running.beat()
            return Done()

        tenant, does = yard.tenant(), kind(is_canceled)
        assert yard.perform(yard.hand(tenant, does), does) == "canceled"
        assert (yard.states(tenant), yard.events(tenant)) == (["canceled"], [])

    def test_a_canceled_job_is_not_tried_again(self, yard: Yard):
        def is_canceled(running: Running, given: Given) -> Outcome:
            yard.execute(running.tenant_id, "update app.jobs set cancel_asked = true where tenant_id = %(tenant_id)s")
            return Again(None, "Not now.")

        tenant, does = yard.tenant(), kind(is_canceled)
        yard.perform(yard.hand(tenant, does), does)
        assert yard.states(tenant) == ["canceled"]


class TestTheFence:
    def test_a_slow_workers_effects_roll_back_when_another_has_done_the_job(self, yard: Yard):
        tenant, quick = yard.tenant(), kind(lambda *_: Done({"by": "quick"}, (mark("quick"),)))

        def slow(running: Running, given: Given) -> Outcome:
            yard.lose_the_lease(running.tenant_id)
            yard.wake()
            yard.execute(running.tenant_id, "update app.jobs set due_at = now() where tenant_id = %(tenant_id)s")
            yard.wake()
            assert yard.perform(yard.pick(1)[0], quick) == "succeeded"
            return Done({"by": "slow"}, (mark("slow"),))

        does = kind(slow)
        assert yard.perform(yard.hand(tenant, does), does) == "lease_lost"
        assert (effects(yard, tenant), yard.job(tenant)["result"]) == (["quick"], {"by": "quick"})
        assert len(yard.events(tenant)) == 1

    @pytest.mark.parametrize("ends", [again, lambda *_: Resume({})], ids=["again", "resume"])
    def test_nor_does_it_put_down_what_another_runs(self, yard: Yard, ends):
        def slow(running: Running, given: Given) -> Outcome:
            yard.execute(running.tenant_id, "update app.jobs set token = %(token)s", token=uuid4())
            return ends(running, given)

        tenant, does = yard.tenant(), kind(slow)
        assert yard.perform(yard.hand(tenant, does), does) == "lease_lost"
        assert (yard.states(tenant), effects(yard, tenant)) == (["running"], [])

    def test_a_message_that_comes_twice_begins_nothing_the_second_time(self, yard: Yard):
        runs: list[Given] = []

        def counts(running: Running, given: Given) -> Outcome:
            runs.append(given)
            return Done()

        tenant, does = yard.tenant(), kind(counts)
        handed = yard.hand(tenant, does)
        assert [yard.perform(handed, does) for _ in range(2)] == ["succeeded", "stale"]
        assert len(runs) == 1

    def test_nor_one_that_comes_twice_at_once(self, yard: Yard):
        tenant, does = yard.tenant(), kind()
        handed, together = yard.hand(tenant, does), threading.Barrier(2)

        def one(_: int) -> str:
            together.wait()
            word = yard.perform(handed, does)
            yard.workers.close()
            return word

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(one, range(2))) == ["stale", "succeeded"]

    def test_nor_one_that_comes_after_the_job_was_handed_over_again(self, yard: Yard):
        tenant, does = yard.tenant(), kind()
        late = yard.hand(tenant, does)
        yard.lose_the_lease(tenant)
        yard.wake()
        [newer] = yard.pick(10)
        assert (newer.job_id, newer.token != late.token) == (late.job_id, True)
        assert [yard.perform(late, does), yard.perform(newer, does)] == ["stale", "succeeded"]

    def test_the_neighbours_token_opens_nothing(self, yard: Yard):
        does = kind()
        ours, theirs = yard.tenant(), yard.hand(yard.tenant(), does)
        assert yard.perform(theirs.model_copy(update={"tenant_id": ours}), does) == "stale"
        assert yard.states(theirs.tenant_id) == ["queued"]

    def test_a_tenant_that_is_gone_takes_its_message_along(self, yard: Yard):
        does = kind()
        handed = yard.hand(yard.tenant(), does)
        yard.execute(handed.tenant_id, "delete from app.tenants where id = %(tenant_id)s")
        with pytest.raises(TenantGone):
            yard.perform(handed, does)


class TestOnBehalf:
    """Of the owner of Acme, whose job needs `tenant:write`."""

    WRITES = kind(lambda running, _: Done({"who": running.works.one(WHO)}), permission=TENANT_WRITE)

    def handed(self, yard: Yard, acme: Company):
        [(owner,)] = acme.execute("select id from app.members where tenant_id = %(tenant_id)s")
        handed = yard.hand(acme.id, self.WRITES)
        acme.execute(
            "update app.jobs set created_by = %(owner)s where tenant_id = %(tenant_id)s", owner=f"member:{owner}"
        )
        return owner, handed

    def test_runs_as_whoever_submitted_it(self, yard: Yard, acme: Company):
        owner, handed = self.handed(yard, acme)
        assert yard.perform(handed, self.WRITES) == "succeeded"
        assert yard.job(acme.id)["result"] == {"who": f"worker:jobs/member:{owner} {owner}"}

    def test_fails_when_they_may_not_any_more(self, yard: Yard, acme: Company):
        _, handed = self.handed(yard, acme)
        acme.member("owner")
        acme.execute("update app.members set role = 'viewer' where subject = %(who)s", who=acme.owner.subject)
        assert yard.perform(handed, self.WRITES) == "failed"
        assert yard.job(acme.id)["reason"] == (
            "Whoever asked for it may not do this any more: You lack the permission tenant:write."
        )

    @pytest.mark.parametrize("status", ["removed", "suspended", "deprovisioned"])
    def test_fails_when_they_are_gone(self, yard: Yard, acme: Company, status: str):
        _, handed = self.handed(yard, acme)
        acme.member("owner")
        gone = "update app.members set status = %(status)s where subject = %(who)s"
        acme.execute(gone, status=status, who=acme.owner.subject)
        assert yard.perform(handed, self.WRITES) == "failed"

    def test_waits_without_counting_while_the_tenant_is_suspended(self, yard: Yard, acme: Company):
        _, handed = self.handed(yard, acme)
        acme.execute("update app.tenants set access = 'suspended' where id = %(tenant_id)s")
        assert yard.perform(handed, self.WRITES) == "again"
        job = yard.job(acme.id)
        assert (job["state"], job["attempt"]) == ("scheduled", 0)
        assert job["due_at"] - job["updated_at"] == timedelta(hours=1)
        assert job["reason"] == TenantSuspended.sentence()

    def test_what_a_machine_submitted_is_the_workers_own(self, yard: Yard, acme: Company):
        assert yard.perform(yard.hand(acme.id, self.WRITES), self.WRITES) == "succeeded"
        assert yard.job(acme.id)["result"] == {"who": "worker:jobs "}


WHO = Query(
    "select current_setting('app.principal') || ' ' || coalesce(current_setting('app.member_id', true), '')",
    {},
    lambda result: result.fetchone()[0],
)
