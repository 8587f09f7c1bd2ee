"""Whose turn it is: shares by weight, caps, and every job handed out once."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest

from freehold.database import Database, Statement
from freehold.database.migrations.bootstrap import DATABASE
from freehold.ids import TenantId
from freehold.jobs.dispatcher import LARGEST, Dispatcher, pick, rooms
from freehold.jobs.handed import Handed
from freehold.jobs.kinds import Kind
from freehold.jobs.models import JobClass
from freehold.messaging.queues import Message
from functions.manifest import FUNCTIONS
from infra.stage import STAGES, Stage
from local.postgres import Postgres
from tests.jobs.conftest import CLASS, Given, Yard, kind

SIZES = (1, 2, 3, 7, 10, 64)
DONE = """
    update app.jobs set state = 'succeeded', token = null, lease_until = null, finished_at = now()
     where tenant_id = %(tenant_id)s and state = 'queued'
"""


def served(yard: Yard, room: int, times: int) -> Counter[TenantId]:
    """How many jobs of each tenant were done, `room` of them at a time."""
    count: Counter[TenantId] = Counter()
    for _ in range(times):
        handed = yard.pick(room)
        count.update(job.tenant_id for job in handed)
        yard.end(*handed)
    return count


class TestShares:
    @pytest.mark.parametrize("room", SIZES)
    def test_are_the_weights(self, yard: Yard, room: int):
        tenants = [yard.tenant(weight=weight, concurrency=1_000) for weight in (1, 2, 4)]
        for tenant in tenants:
            yard.add(tenant, 150)
        count = served(yard, room, 210 // room)
        for tenant, weight in zip(tenants, (1, 2, 4), strict=True):
            assert count[tenant] == pytest.approx(count.total() * weight / 7, rel=0.1), f"{weight} of 7"

    def test_hold_when_the_room_changes_all_the_time(self, yard: Yard):
        tenants = [yard.tenant(weight=weight, concurrency=1_000) for weight in (1, 2, 4)]
        for tenant in tenants:
            yard.add(tenant, 150)
        count: Counter[TenantId] = Counter()
        while count.total() < 210:
            count += served(yard, 1, 1) + served(yard, 9, 1) + served(yard, 3, 2)
        for tenant, weight in zip(tenants, (1, 2, 4), strict=True):
            assert count[tenant] == pytest.approx(count.total() * weight / 7, rel=0.1)

    def test_a_turn_that_the_room_ended_goes_on_where_it_ended(self, yard: Yard):
        small, large = sorted([yard.tenant(concurrency=100), yard.tenant(concurrency=100)])
        yard.execute(large, "update app.job_quotas set weight = 3 where tenant_id = %(tenant_id)s")
        for tenant in (small, large):
            yard.add(tenant, 10)
        order = []
        for _ in range(8):
            [handed] = yard.pick(1)
            order.append(handed.tenant_id)
            yard.end(handed)
        assert order == [small, large, large, large] * 2

    def test_a_tenant_that_comes_late_is_served_at_once(self, yard: Yard):
        early = yard.tenant(concurrency=1_000)
        yard.add(early, 100)
        served(yard, 10, 5)
        late = yard.tenant(concurrency=1_000)
        yard.add(late, 1)
        assert late in {job.tenant_id for job in yard.pick(10)}

    def test_nothing_is_saved_up_while_nothing_waits(self, yard: Yard):
        idle, busy = (yard.tenant(concurrency=1_000) for _ in range(2))
        yard.add(idle, 1)
        yard.add(busy, 200)
        served(yard, 10, 10)
        yard.add(idle, 100)
        count = served(yard, 10, 4)
        assert count[idle] == count[busy] == 20

    def test_nothing_is_saved_up_at_the_limit(self, yard: Yard):
        capped, free = yard.tenant(concurrency=1), yard.tenant(concurrency=1_000)
        for tenant in (capped, free):
            yard.add(tenant, 100)
        held = [job for job in yard.pick(10) if job.tenant_id == capped]
        for _ in range(5):
            yard.end(*(job for job in yard.pick(10) if job.tenant_id == free))
        assert len(held) == 1
        yard.execute(capped, "update app.job_quotas set concurrency = 1000 where tenant_id = %(tenant_id)s")
        yard.execute(free, "delete from app.jobs where tenant_id = %(tenant_id)s and state = 'queued'")
        yard.end(*held)
        count = served(yard, 10, 2)
        assert abs(count[capped] - count[free]) <= 2

    def test_what_others_leave_is_given_out(self, yard: Yard):
        few, many = (yard.tenant(concurrency=1_000) for _ in range(2))
        yard.add(few, 2)
        yard.add(many, 50)
        assert Counter(job.tenant_id for job in yard.pick(20)) == {few: 2, many: 18}

    def test_more_tenants_than_room_all_have_a_turn_before_one_has_two(self, yard: Yard):
        tenants = [yard.tenant() for _ in range(12)]
        for tenant in tenants:
            yard.add(tenant, 3)
        first = served(yard, 4, 3)
        assert first == dict.fromkeys(tenants, 1)
        assert served(yard, 5, 5) == {tenant: pytest.approx(2, abs=1) for tenant in tenants}


class TestLimits:
    def test_no_tenant_has_more_under_way_than_it_may(self, yard: Yard):
        tenant = yard.tenant(concurrency=3)
        yard.add(tenant, 10)
        assert len(yard.pick(100)) == 3
        assert yard.pick(100) == []

    def test_without_a_quota_it_is_the_classes(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 10)
        assert len(yard.pick(100)) == 5

    def test_a_quota_of_none_keeps_it_from_all(self, yard: Yard):
        stopped, other = yard.tenant(concurrency=0), yard.tenant()
        for tenant in (stopped, other):
            yard.add(tenant, 2)
        assert {job.tenant_id for job in yard.pick(100)} == {other}

    def test_a_quota_of_one_class_is_not_anothers(self, yard: Yard):
        tenant = yard.tenant(concurrency=0)
        yard.add(tenant, 3, kind(job_class=JobClass.MAIL))
        assert len(yard.pick(100, JobClass.MAIL)) == 3

    def test_the_class_never_has_more_under_way_than_it_has_room(self, yard: Yard):
        for _ in range(4):
            yard.add(yard.tenant(), 5)
        assert [len(yard.pick(7)), len(yard.pick(7)), len(yard.pick(9)), len(yard.pick(0))] == [7, 0, 2, 0]

    def test_of_what_a_tenant_pays_one_is_under_way_whatever_its_quota(self, yard: Yard):
        tenant, paying = yard.tenant(), kind(job_class=JobClass.PAYMENTS)
        yard.add(tenant, 3, paying)
        assert len(yard.pick(10, JobClass.PAYMENTS)) == 1
        quota = "insert into app.job_quotas (job_class, concurrency) values (%(job_class)s, 2)"
        yard.execute(tenant, quota, job_class=CLASS.value)
        with pytest.raises(psycopg.errors.CheckViolation):
            yard.execute(tenant, quota, job_class=JobClass.PAYMENTS.value)
        assert yard.pick(10, JobClass.PAYMENTS) == []


class TestWhateverComes:
    """Against what can be counted beside it: quotas, jobs, rooms and endings at random."""

    INSERT = """
        insert into app.jobs (kind, job_class, state, input, attempts)
        select 'tests.job', 'standard', 'waiting', '{}', 1 from generate_series(1, %(many)s)
    """

    @pytest.mark.parametrize("seed", range(4))
    def test_no_room_is_left_that_somebody_may_use_and_nobody_is_two_turns_ahead(self, yard: Yard, seed: int):
        dice = random.Random(seed)  # noqa: S311 (the same every time)
        weights = {yard.tenant(): dice.randint(1, 5) for _ in range(8)}
        limits = {tenant: dice.choice((0, 1, 2, 5, 50)) for tenant in weights}
        for tenant, weight in weights.items():
            yard.quota(tenant, weight=weight, concurrency=limits[tenant])
        waiting: Counter[TenantId] = Counter()
        under_way: list[Handed] = []
        for _ in range(15):
            for tenant in dice.sample(list(weights), dice.randint(0, 4)):
                many = dice.randint(1, 12)
                yard.execute(tenant, self.INSERT, many=many)
                waiting[tenant] += many
            room, had = dice.choice((0, 1, 2, 3, 5, 10, 30)), Counter(job.tenant_id for job in under_way)
            may = {tenant: max(0, min(waiting[tenant], limits[tenant] - had[tenant])) for tenant in weights}
            picked = yard.pick(room)
            got = Counter(job.tenant_id for job in picked)
            assert len(picked) == min(max(0, room - len(under_way)), sum(may.values()))
            assert all(got[tenant] <= may[tenant] for tenant in weights)
            short = [got[tenant] / weights[tenant] for tenant in weights if got[tenant] < may[tenant]]
            assert all(got[tenant] / weights[tenant] <= min(short) + 2 for tenant in got) if short else True
            waiting -= got
            under_way += picked
            dice.shuffle(under_way)
            over = dice.randint(0, len(under_way))
            yard.end(*under_way[:over])
            under_way = under_way[over:]


class TestHandover:
    def test_is_given_back_after_a_minute_and_of_bulk_after_five(self, yard: Yard):
        spent = {}
        for job_class in JobClass:
            tenant = yard.tenant()
            yard.hand(tenant, kind(job_class=job_class))
            job = yard.job(tenant)
            spent[job_class] = (job["lease_until"] - job["updated_at"]).total_seconds()
        assert spent == dict.fromkeys(JobClass, 60.0) | {JobClass.BULK: 300.0}


class TestOrder:
    def test_many_of_one_time_are_each_handed_out_once_in_groups_as_large_as_the_room(self, yard: Yard):
        tenant = yard.tenant(concurrency=1_000)
        yard.add(tenant, 50)  # in one transaction, and so at one time
        times = "select count(distinct due_at) from app.jobs where tenant_id = %(tenant_id)s"
        assert yard.execute(tenant, times) == [(1,)]
        groups = []
        for _ in range(5):
            groups.append([job.job_id for job in yard.pick(10)])
            yard.execute(tenant, DONE)
        assert [len(set(group)) for group in groups] == [10] * 5
        assert len({job for group in groups for job in group}) == 50

    def test_equal_times_are_handed_out_in_the_order_of_their_making(self, yard: Yard):
        tenant = yard.tenant(concurrency=1_000)
        yard.add(tenant, 20)
        order: list[UUID] = []
        for _ in range(20):
            [handed] = yard.pick(1)
            order.append(handed.job_id)
            yard.end(handed)
        assert order == sorted(order)


class TestWaits:
    """What is ours of the time that a job has waited, by its own clock."""

    AGE = "update app.jobs set due_at = now() - interval '90 s', updated_at = {since} where tenant_id = %(tenant_id)s"
    NEW = AGE.format(since="now() - interval '90 s'")
    RETURNED = AGE.format(since="now() - interval '5 s'")

    def old(self, yard: Yard, tenant: TenantId, count: int, of: Kind[Given] | None = None, *, how: str = NEW) -> None:
        yard.add(tenant, count, of)
        yard.execute(tenant, how)

    def test_are_told_of_a_job_for_which_its_tenant_has_room(self, yard: Yard):
        self.old(yard, yard.tenant(concurrency=2), 1)
        assert [job.waited for job in yard.pick(10)] == [pytest.approx(90, abs=5)]

    def test_are_not_told_where_its_tenants_own_share_kept_it_waiting(self, yard: Yard):
        self.old(yard, yard.tenant(concurrency=2), 3)
        assert [job.waited for job in yard.pick(10)] == [None, None]

    def test_are_told_of_many_that_were_handed_over_in_vain(self, yard: Yard):
        self.old(yard, yard.tenant(concurrency=2), 3, how=self.RETURNED)
        assert [job.waited for job in yard.pick(10)] == [pytest.approx(90, abs=5)] * 2

    def test_are_told_where_the_class_has_no_room_for_what_its_tenant_may_have(self, yard: Yard):
        self.old(yard, yard.tenant(concurrency=5), 5)
        assert [job.waited for job in yard.pick(3)] == [pytest.approx(90, abs=5)] * 3

    def test_are_told_of_a_class_that_runs_one_at_a_time(self, yard: Yard):
        self.old(yard, yard.tenant(), 1, kind(job_class=JobClass.PAYMENTS))
        assert [job.waited for job in yard.pick(10, JobClass.PAYMENTS)] == [pytest.approx(90, abs=5)]

    def test_are_not_told_of_a_job_that_goes_on(self, yard: Yard):
        tenant = yard.tenant(concurrency=2)
        self.old(yard, tenant, 1)
        yard.execute(tenant, "update app.jobs set checkpoint = '{}' where tenant_id = %(tenant_id)s")
        assert [job.waited for job in yard.pick(10)] == [None]

    def test_are_in_the_log_for_each_class_and_not_in_the_message(self, yard: Yard, lines: Callable[[], list[Any]]):
        queues, mail = Queues(), kind(job_class=JobClass.MAIL)
        self.old(yard, yard.tenant(concurrency=5), 2)
        yard.add(yard.tenant(), 1, mail)
        Dispatcher(yard.system, queues, {CLASS: 10, JobClass.MAIL: 10}).turn()
        oldest = {each["job_class"]: each["oldest_seconds"] for each in lines() if each["message"] == "dispatched"}
        assert oldest == {"standard": pytest.approx(90, abs=5), "mail": pytest.approx(0, abs=5)}
        assert [message for _, message in queues.sent if "waited" in message.body] == []


class TestTogether:
    def test_dispatchers_at_once_hand_nothing_out_twice_and_leave_nothing(self, yard: Yard, server: Postgres):
        tenants = [yard.tenant(concurrency=1_000) for _ in range(10)]
        for tenant in tenants:
            yard.add(tenant, 30)
        together = threading.Barrier(4)

        def picking(_: int) -> list[UUID]:
            system = Database(server.conninfo(user="freehold_system", database=DATABASE))
            mine: list[UUID] = []
            together.wait()
            for room in range(1, 1_000, 7):
                mine += [job.job_id for job in system.outside(pick(CLASS, room))]
            system.close()
            return mine

        with ThreadPoolExecutor(4) as threads:
            picked = [job for each in threads.map(picking, range(4)) for job in each]
        picked += [job.job_id for job in yard.pick(1_000)]
        assert len(picked) == len(set(picked)) == 300

    def test_a_class_that_another_picks_from_is_left_alone(self, yard: Yard):
        yard.add(yard.tenant(), 2)
        yard.add(yard.tenant(), 2, kind(job_class=JobClass.MAIL))
        with psycopg.connect(yard.superuser) as other:
            other.execute("select from app.hand_over('standard', 1)")
            assert yard.pick(100) == []
            assert len(yard.pick(100, JobClass.MAIL)) == 2, "another class is another's turn"
            other.rollback()
        assert len(yard.pick(100)) == 2

    def test_a_job_that_somebody_holds_is_passed_over(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 3)
        with psycopg.connect(yard.superuser) as other:
            held = other.execute("select id from app.jobs order by id limit 1 for update").fetchone()
            assert held is not None
            assert held[0] not in {job.job_id for job in yard.pick(100)}
            other.rollback()
        assert [job.job_id for job in yard.pick(100)] == [held[0]]


class Queues:
    """Where nothing is sent; it refuses the messages at these places, or fails."""

    def __init__(self, *refused: int, fails: bool = False) -> None:
        self.sent: list[tuple[str, Message]] = []
        self._refused, self._fails = set(refused), fails

    def send(self, queue: str, messages: Sequence[Message]) -> set[int]:
        if self._fails:
            raise ConnectionError
        self.sent += [(queue, each) for place, each in enumerate(messages) if place not in self._refused]
        return self._refused & set(range(len(messages)))


class Stumbling(Database):
    """The database, but for statements that name one of these."""

    def __init__(self, real: Database, *words: str) -> None:
        self._real, self._words = real, words

    def outside[T](self, statement: Statement[T]) -> T:
        for word in self._words:
            if word in statement.sql or word in statement.params.values():
                raise TimeoutError(word)
        return self._real.outside(statement)


class TestDispatcher:
    @pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
    def test_has_room_for_twice_what_its_workers_take_at_once(self, stage: Stage):
        queues = {function.queue.name: function.queue for function in FUNCTIONS if function.queue}
        for job_class, room in rooms(stage.workers_at_once).items():
            queue = queues[job_class.value]
            assert room == 2 * min(queue.concurrency, stage.workers_at_once) * queue.batch_size, job_class

    def test_no_tenant_has_more_than_a_quarter_of_the_workers_that_run_a_job_each(self, superuser: str):
        at_once = "select name, concurrency from app.job_classes where name not in ('mail', 'bulk')"
        with psycopg.connect(superuser) as connection:
            for job_class, concurrency in connection.execute(at_once).fetchall():
                assert 4 * concurrency <= rooms(STAGES["launch"].workers_at_once)[JobClass(job_class)] / 2

    def test_knows_each_class(self, superuser: str):
        with psycopg.connect(superuser) as connection:
            classes = connection.execute("select name from app.job_classes").fetchall()
        assert set(LARGEST) == set(JobClass) == {JobClass(name) for (name,) in classes}

    def test_sends_what_is_picked_under_its_tenant(self, yard: Yard):
        tenant, queues = yard.tenant(), Queues()
        yard.add(tenant, 2)
        assert Dispatcher(yard.system, queues, {CLASS: 10}).turn() == 2
        [(queue, message), _] = queues.sent
        assert (queue, message.group) == ("standard", str(tenant))
        assert f'"tenant_id":"{tenant}"' in message.body
        assert '"request_id":"a-request"' in message.body

    def test_takes_back_what_was_refused(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 3)
        assert Dispatcher(yard.system, Queues(1), {CLASS: 10}).turn() == 2
        assert sorted(yard.states(tenant)) == ["queued", "queued", "waiting"]

    def test_takes_all_back_when_the_queue_is_not_reached_and_serves_the_other_classes(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 3)
        assert Dispatcher(yard.system, Queues(fails=True), {CLASS: 10, JobClass.MAIL: 10}).turn() == 0
        assert yard.states(tenant) == ["waiting"] * 3

    def test_wakes_what_is_due_before_it_picks(self, yard: Yard):
        tenant, queues = yard.tenant(), Queues()
        yard.add(tenant, 1)
        yard.execute(tenant, "update app.jobs set state = 'scheduled' where tenant_id = %(tenant_id)s")
        assert Dispatcher(yard.system, queues, {CLASS: 10}).turn() == 2, "moved and sent"
        assert len(queues.sent) == 1

    def test_what_it_moves_is_work_though_there_is_no_room_for_it(self, yard: Yard):
        tenant = yard.tenant()
        yard.add(tenant, 3)
        yard.execute(tenant, "update app.jobs set state = 'scheduled' where tenant_id = %(tenant_id)s")
        assert Dispatcher(yard.system, Queues(), {CLASS: 0}).turn() == 3

    def test_what_fails_in_one_class_is_raised_after_the_others_were_served(self, yard: Yard):
        tenant, queues = yard.tenant(), Queues()
        yard.add(tenant, 2)
        system = Stumbling(yard.system, "wake_jobs", JobClass.MAIL.value)
        with pytest.raises(ExceptionGroup) as failed:
            Dispatcher(system, queues, {JobClass.MAIL: 10, CLASS: 10}).turn()
        assert [str(each) for each in failed.value.exceptions] == ["wake_jobs", "mail"]
        assert len(queues.sent) == 2
