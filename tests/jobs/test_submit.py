"""Submitting jobs: by requests in one round trip and within the quota, by workers in a unit of their own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from freehold import clock
from freehold.callers import PersonCaller, WorkerCaller
from freehold.database import Answer, Identity, Remembered, database, done
from freehold.errors import BacklogFull, InvalidInput
from freehold.ids import TenantId
from freehold.jobs import queries
from freehold.jobs.kinds import LARGEST, USUAL, Backoff, Done, Kind
from freehold.jobs.models import Job, JobClass
from freehold.permissions import TENANT_WRITE
from local.companies import Company
from tests.jobs.conftest import Given, Yard, kind
from tests.wire import Wire

DOES = kind()


def owner(company: Company) -> PersonCaller:
    identity = Identity(issuer=company.people.issuer.url, subject=company.owner.subject, issued_at=clock.now())
    return PersonCaller(tenant_id=TenantId(company.id), identity=identity, request_id="a-request", address="")


def submit(company: Company, given: Given | None = None, once: Remembered | None = None, **how) -> Answer[Job]:
    write = queries.submit(DOES, given or Given(), **how)
    return database().run(owner(company), TENANT_WRITE, write, once=once)


class TestSubmit:
    def test_waits_for_its_turn_and_knows_where_it_came_from(self, yard: Yard, acme: Company):
        job = submit(acme, Given(number=3)).row
        [(member,)] = acme.execute("select id from app.members where tenant_id = %(tenant_id)s")
        assert (job.state, job.kind, job.attempts) == ("waiting", "tests.nothing", 10)
        assert (job.created_by, job.request_id) == (f"member:{member}", "a-request")
        assert yard.job(acme.id)["input"] == {"number": 3}

    def test_takes_one_round_trip_also_with_a_key(self, acme: Company, wire: Wire):
        submit(acme)
        with wire.counting() as counted:
            submit(acme)
        once = Remembered(route="POST /test", key="k", request_hash=b"x")
        with wire.counting() as with_a_key:
            submit(acme, once=once)
        assert (counted, with_a_key) == ([1], [1])
        assert submit(acme, once=once).replayed

    def test_later_is_scheduled_and_the_past_is_now(self, acme: Company):
        later = datetime.now(UTC) + timedelta(hours=1)
        assert (submit(acme, due=later).row.state, submit(acme, due=later).row.due_at) == ("scheduled", later)
        past = submit(acme, due=later - timedelta(days=1)).row
        assert (past.state, past.due_at) == ("waiting", past.created_at)

    def test_the_same_cause_is_the_same_job(self, acme: Company, globex: Company):
        first = submit(acme, cause="invoice 7").row
        assert submit(acme, Given(number=2), cause="invoice 7").row.id == first.id
        assert submit(acme, cause="invoice 8").row.id != first.id
        assert submit(globex, cause="invoice 7").row.id != first.id
        assert submit(acme).row.id != submit(acme).row.id, "without one, each is another"

    def test_the_same_cause_at_once_is_the_same_job(self, acme: Company):
        def one(_: int) -> UUID:
            try:
                return submit(acme, cause="at once").row.id
            finally:
                database().close()

        with ThreadPoolExecutor(4) as threads:
            assert len(set(threads.map(one, range(12)))) == 1

    def test_what_is_too_much_for_a_job_is_refused(self):
        large = Kind(name="k", job_class=JobClass.BULK, input=Text, run=lambda *_: Done())
        with pytest.raises(InvalidInput, match="64 KiB"):
            queries.submit(large, Text(text="x" * LARGEST))


class TestBacklog:
    def test_is_full_at_the_quota_and_says_when_to_come_back(self, acme: Company):
        quota(acme, 2)
        submit(acme, due=datetime.now(UTC) + timedelta(hours=1))
        submit(acme)
        with pytest.raises(BacklogFull) as refused:
            submit(acme)
        assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "60"})

    def test_has_place_again_when_one_has_begun(self, yard: Yard, acme: Company):
        quota(acme, 1)
        submit(acme)
        yard.pick(1)
        submit(acme)

    def test_a_job_that_is_there_already_is_the_answer_even_so(self, acme: Company):
        quota(acme, 1)
        first = submit(acme, cause="once").row
        assert submit(acme, cause="once").row.id == first.id

    def test_is_the_tenants_own(self, acme: Company, globex: Company):
        quota(acme, 0)
        assert submit(globex).row.state == "waiting"

    def test_without_a_quota_it_is_the_classes(self, superuser: str):
        with psycopg.connect(superuser) as connection:
            rows = connection.execute("select name, backlog from app.job_classes where public").fetchall()
        assert {name for name, _ in rows} == {each.value for each in queries.PUBLIC}
        assert all(backlog for _, backlog in rows)


class TestEnqueue:
    def test_commits_with_the_unit_or_not_at_all(self, yard: Yard):
        tenant = yard.tenant()
        with pytest.raises(psycopg.errors.DivisionByZero):
            works(yard, tenant).do(queries.enqueue(DOES, Given()), done("select 1 / 0"))
        assert yard.states(tenant) == []

    def test_the_same_cause_again_makes_none(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 2, cause="event 1")
        assert yard.states(tenant) == ["waiting"]

    def test_knows_no_quota(self, yard: Yard):
        tenant = yard.tenant(backlog=0)
        yard.add(tenant, 2)
        assert yard.states(tenant) == ["waiting"] * 2


class TestLanes:
    def test_held_the_oldest_goes_first_and_the_others_after_it(self, yard: Yard):
        tenant, lane, until = yard.tenant(), uuid4(), datetime.now(UTC) + timedelta(hours=1)
        yard.add(tenant, 3, lane=lane)
        yard.add(tenant, 1, lane=uuid4())
        works(yard, tenant).do(queries.hold_lane(lane, until))
        assert yard.states(tenant) == ["scheduled"] * 3 + ["waiting"]
        assert due(yard, tenant, lane) == [until, until + queries.GRACE, until + queries.GRACE]

    def test_holding_it_again_brings_nothing_forward(self, yard: Yard):
        tenant, lane, now = yard.tenant(), uuid4(), datetime.now(UTC)
        yard.add(tenant, 1, lane=lane, delay=timedelta(days=1))
        works(yard, tenant).do(queries.hold_lane(lane, now + timedelta(hours=1)))
        assert due(yard, tenant, lane)[0] > now + timedelta(hours=20)

    def test_released_they_all_wait(self, yard: Yard):
        tenant, lane = yard.tenant(), uuid4()
        yard.add(tenant, 3, lane=lane)
        works(yard, tenant).do(queries.hold_lane(lane, datetime.now(UTC) + timedelta(hours=1)))
        works(yard, tenant).do(queries.release_lane(lane))
        assert yard.states(tenant) == ["waiting"] * 3

    def test_what_is_due_later_by_itself_stays(self, yard: Yard):
        tenant, lane, until = yard.tenant(), uuid4(), datetime.now(UTC) + timedelta(hours=1)
        yard.add(tenant, 1, lane=lane, delay=timedelta(hours=1, seconds=30))
        yard.add(tenant, 1, lane=lane)
        [own, _] = due(yard, tenant, lane)
        works(yard, tenant).do(queries.hold_lane(lane, until))
        assert due(yard, tenant, lane) == [own, until], "the scout is the first of those that it holds"

    def test_what_comes_while_it_is_held_is_held_behind_the_same_scout(self, yard: Yard):
        tenant, lane, until = yard.tenant(), uuid4(), datetime.now(UTC) + timedelta(hours=1)
        for _ in range(3):
            yard.add(tenant, 2, lane=lane)
            works(yard, tenant).do(queries.hold_lane(lane, until))
        assert due(yard, tenant, lane) == [until] + [until + queries.GRACE] * 5

    def test_of_a_long_one_a_thousand_are_moved_at_a_time(self, yard: Yard):
        tenant, lane, until = yard.tenant(), uuid4(), datetime.now(UTC) + timedelta(hours=1)
        yard.execute(tenant, MANY, lane=lane, many=2_500)
        for held in (1_000, 2_000, 2_500):
            works(yard, tenant).do(queries.hold_lane(lane, until))
            assert yard.states(tenant).count("scheduled") == held
        assert due(yard, tenant, lane) == [until] + [until + queries.GRACE] * 2_499
        for released in (1_000, 2_000, 2_500):
            works(yard, tenant).do(queries.release_lane(lane))
            assert yard.states(tenant).count("waiting") == released

    def test_what_it_moves_is_found_by_index_and_the_others_are_not_walked(self, yard: Yard):
        tenant, lane = yard.tenant(), uuid4()
        for each, many in ((lane, 20_000), (uuid4(), 10_000)):
            yard.execute(tenant, MANY, lane=each, many=many)
        works(yard, tenant).do(queries.hold_lane(lane, datetime.now(UTC) + timedelta(hours=1)))
        yard.execute(tenant, "analyze app.jobs")  # what other tests have left says nothing of this
        for state, rows in (("waiting", 1_000), ("scheduled", 1_000)):
            [(plan,)] = yard.execute(
                tenant,
                "explain (analyze, format json) select id from app.jobs where tenant_id = %(tenant_id)s"
                " and lane = %(lane)s and state = %(state)s order by due_at, id limit 1000 for update skip locked",
                lane=lane,
                state=state,
            )
            scans = [node for node in nodes(plan[0]["Plan"]) if "Scan" in node["Node Type"]]
            assert [(scan["Index Name"], scan["Actual Rows"]) for scan in scans] == [("jobs_lane", rows)]
            assert not [scan for scan in scans if scan.get("Rows Removed by Filter")]

    def test_a_job_that_somebody_takes_is_left_to_them(self, yard: Yard):
        tenant, lane = yard.tenant(), uuid4()
        yard.add(tenant, 2, lane=lane)
        with psycopg.connect(yard.superuser) as other:
            other.execute("select from app.jobs order by id limit 1 for update")
            works(yard, tenant).do(queries.hold_lane(lane, datetime.now(UTC) + timedelta(hours=1)))
            other.rollback()
        assert yard.states(tenant) == ["waiting", "scheduled"]

    def test_the_neighbours_lane_is_another(self, yard: Yard):
        ours, theirs, lane = yard.tenant(), yard.tenant(), uuid4()
        yard.add(theirs, 1, lane=lane)
        works(yard, ours).do(queries.hold_lane(lane, datetime.now(UTC) + timedelta(hours=1)))
        assert yard.states(theirs) == ["waiting"]


class TestBackoff:
    def test_is_ten_attempts_over_about_75_hours(self):
        waits = [USUAL.longest(attempt) / 2 for attempt in range(1, DOES.attempts)]
        assert waits[:3] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
        assert timedelta(hours=75) < sum(waits, timedelta()) < timedelta(hours=76)

    def test_stays_at_its_last_wait(self):
        backoff = Backoff((timedelta(seconds=1), timedelta(seconds=2)))
        assert [backoff.longest(attempt).seconds for attempt in (1, 2, 3, 30)] == [2, 4, 4, 4]

    def test_what_failed_together_is_not_tried_together(self, yard: Yard):
        fails = kind(lambda *_: 1 / 0, backoff=Backoff((timedelta(hours=1),)))
        tenant = yard.tenant(concurrency=100)
        yard.add(tenant, 20, fails)
        for handed in yard.pick(100):
            yard.perform(handed, fails)
        rows = yard.execute(tenant, "select due_at - updated_at from app.jobs where tenant_id = %(tenant_id)s")
        waits = sorted(wait for (wait,) in rows)
        assert timedelta(0) <= waits[0] < timedelta(minutes=40) < waits[-1] <= timedelta(hours=2)
        assert len(set(waits)) == 20


MANY = """
    insert into app.jobs (kind, job_class, state, lane, input, attempts)
    select 'tests.job', 'deliveries', 'waiting', %(lane)s, '{}', 1 from generate_series(1, %(many)s)
"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each step of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


class Text(Given):
    text: str


def quota(company: Company, backlog: int) -> None:
    company.execute("insert into app.job_quotas (job_class, backlog) values ('standard', %(backlog)s)", backlog=backlog)


def works(yard: Yard, tenant: TenantId):
    return yard.workers.working(WorkerCaller(tenant_id=tenant, worker="jobs", request_id="r"))


def due(yard: Yard, tenant: TenantId, lane: UUID) -> list[datetime]:
    asked = "select due_at from app.jobs where tenant_id = %(tenant_id)s and lane = %(lane)s order by id"
    return [at for (at,) in yard.execute(tenant, asked, lane=lane)]
