"""An endpoint that is mended: what was held goes, however much it is, and nothing that it did before counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from freehold.callers import WorkerCaller
from freehold.ids import TenantId
from freehold.jobs.dispatcher import pick, wake
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from freehold.webhooks import failures
from freehold.webhooks.deliver import deliveries
from freehold.webhooks.egress import Egress, Reply
from tests.webhooks.office import ENDPOINTS, Office

DAY = "86400"


@dataclass
class Receiver(Egress):
    """Stands in for the way out: what happens while a request is under way is up to the test."""

    answer: Callable[[], Reply]
    posts: int = 0

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.posts += 1
        return self.answer()


def said(status: int, **headers: str) -> Callable[[], Reply]:
    return lambda: Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, "", 1)


def reached(office: Office, answer: Callable[[], Reply]) -> Receiver:
    office.egress = Receiver(answer)
    return office.egress


def change(office: Office, endpoint: dict, below: str = "", method: str = "POST", **body: object) -> int:
    headers = {"If-Match": "*"} if method == "PATCH" else {}
    path = f"{ENDPOINTS}/{endpoint['id']}{below}"
    status: int = office.tenant.call(method, path, body=body or None, headers=headers).status
    return status


def paused_for_a_day(office: Office, *, waiting: int = 3) -> dict:
    """An endpoint that has asked to be left alone, and what waits for it."""
    endpoint = office.endpoint(events=["project.created"])
    office.happen()
    reached(office, said(503, retry_after=DAY))
    office.run()
    for _ in range(waiting - 1):
        office.happen()
    assert min(office.due()) > 86_000
    return endpoint


class TestMending:
    @pytest.mark.parametrize(
        ("method", "below", "body"),
        [("POST", "/enable", {}), ("PATCH", "", {"url": "https://new.example.com/"})],
        ids=["enabled", "moved"],
    )
    def test_ends_the_pause_and_what_was_held_goes(self, office: Office, method: str, below: str, body: dict):
        endpoint = paused_for_a_day(office)
        assert change(office, endpoint, below, method, **body) == 200
        shown = office.read(endpoint)
        assert (shown["paused_until"], shown["failing_since"]) == (None, None)
        receiver = reached(office, said(200))
        assert office.run() == ["succeeded"] * 3
        assert receiver.posts == 3

    def test_another_description_ends_nothing(self, office: Office):
        endpoint = paused_for_a_day(office)
        assert change(office, endpoint, "", "PATCH", description="Theirs") == 200
        assert office.run() == []
        assert office.read(endpoint)["paused_until"] is not None

    def test_a_test_goes_at_once_and_its_success_ends_the_pause(self, office: Office):
        endpoint = paused_for_a_day(office)
        assert change(office, endpoint, "/test") == 201
        reached(office, said(200))
        assert office.run() == ["succeeded"], "the test"
        assert office.run() == ["succeeded"] * 3
        assert office.read(endpoint)["paused_until"] is None

    def test_a_test_that_fails_is_no_failure_of_the_endpoint(self, office: Office):
        endpoint = paused_for_a_day(office)
        before = office.read(endpoint)
        change(office, endpoint, "/test")
        reached(office, said(500))
        assert office.run() == ["again"]
        assert office.read(endpoint) == before

    def test_one_that_is_enabled_has_five_days_whatever_was_before(self, office: Office):
        endpoint = office.endpoint(events=["project.created"])
        office.happen()
        reached(office, said(500))
        office.run()
        office.later(days=6)
        change(office, endpoint, "/enable")
        office.happen()
        office.run()
        assert office.read(endpoint)["state"] == "active"
        office.later(days=6)
        office.run()
        assert office.read(endpoint)["state"] == "disabled", "the control"


class TestLargeLane:
    def held(self, office: Office) -> int:
        count: int
        [(count,)] = office.execute(
            "select count(*) from app.jobs where tenant_id = %(tenant_id)s and state = 'scheduled'"
        )
        return count

    def test_goes_part_by_part_with_each_success(self, office: Office):
        endpoint = paused_for_a_day(office, waiting=1)
        office.execute(
            "insert into app.jobs (kind, job_class, state, lane, input, attempts, due_at)"
            " select 'webhooks.deliver', 'deliveries', 'scheduled', %(lane)s,"
            " jsonb_build_object('delivery_id', uuidv7()), 20, now() + interval '1 day' from generate_series(1, 2500)",
            lane=endpoint["id"],
        )
        change(office, endpoint, "/enable")
        assert self.held(office) == 2401, "a hundred go at once"
        reached(office, said(200))
        [handed] = office.system.outside(pick(JobClass.DELIVERIES, 1))
        kinds = {"webhooks.deliver": deliveries(office.egress)}
        assert perform(kinds, office.workers, handed) == "succeeded"
        assert self.held(office) < 1500
        for _ in range(2):
            office.happen()
            office.run()
        assert self.held(office) == 0

    def test_whoever_meets_the_pause_holds_the_next_part(self, office: Office):
        paused_for_a_day(office, waiting=3)
        office.execute("update app.jobs set state = 'waiting', due_at = now() where tenant_id = %(tenant_id)s")
        [handed] = office.system.outside(pick(JobClass.DELIVERIES, 1))
        assert perform({"webhooks.deliver": deliveries(office.egress)}, office.workers, handed) == "again"
        assert min(office.due()) > 86_000


class TestLost:
    def test_a_delivery_whose_job_fails_for_good_has_failed_and_can_be_sent_again(self, office: Office):
        office.endpoint(events=["project.created"])
        office.happen()

        def broken() -> Reply:
            raise RuntimeError

        reached(office, broken)
        office.execute("update app.jobs set attempt = attempts - 2 where tenant_id = %(tenant_id)s")
        assert (office.run(), office.listed()[0]["state"]) == (["again"], "pending"), "the control"
        office.later(days=3)
        assert office.run() == ["failed"]
        [delivery] = office.listed(state="failed")
        assert "RuntimeError" in delivery["last_error"]
        assert office.tenant.call("POST", f"/v1/webhook-deliveries/{delivery['id']}/replay").status == 201


class TestMeanwhile:
    """What one delivery hears while another is under way."""

    @pytest.fixture
    def office(self, office: Office) -> Office:
        office.endpoint(events=["project.created"])
        for _ in range(4):
            office.happen()
        office.system.outside(wake(100))
        return office

    def test_a_pause_that_began_later_survives_the_success_of_what_was_sent_before(self, office: Office):
        before, then, late = office.system.outside(pick(JobClass.DELIVERIES, 3))
        receiver = reached(office, said(500))
        kinds = {"webhooks.deliver": deliveries(receiver)}
        perform(kinds, office.workers, before)

        def overtaken() -> Reply:
            receiver.answer = said(429, retry_after=DAY)
            perform(kinds, office.workers, late)
            return said(200)()

        receiver.answer = overtaken
        assert perform(kinds, office.workers, then) == "succeeded"
        [(left,)] = office.execute(
            "select paused_until - now() from app.webhook_failures where tenant_id = %(tenant_id)s"
        )
        assert left > timedelta(hours=23)
        assert office.due()[-1] > 86_000

    def test_a_pause_that_began_before_ends_with_what_it_held(self, office: Office):
        """A delivery found the endpoint paused and went first: while it is under way nothing changes."""
        (first,) = office.system.outside(pick(JobClass.DELIVERIES, 1))
        receiver = reached(office, said(429, retry_after=DAY))
        kinds = {"webhooks.deliver": deliveries(receiver)}
        perform(kinds, office.workers, first)
        office.later(days=1)
        office.system.outside(wake(1))
        [scout] = office.system.outside(pick(JobClass.DELIVERIES, 1))
        receiver.answer = said(200)
        assert perform(kinds, office.workers, scout) == "succeeded"
        office.system.outside(wake(100))
        assert office.run() == ["succeeded"] * 3

    def test_the_endpoint_is_locked_before_what_is_remembered_of_it(self, office: Office):
        """So that whoever deletes it, which goes the same way round, is waited for rather than deadlocked."""
        [(endpoint,)] = office.execute("select id from app.webhook_endpoints where tenant_id = %(tenant_id)s")
        tenant = TenantId(office.execute("select %(tenant_id)s::uuid")[0][0])
        works = office.workers.working(WorkerCaller(tenant_id=tenant, worker="jobs", request_id="r"))
        with works.transaction() as tx:
            tx.put(failures.begin_failing(endpoint))
            tx.get(failures.lock_failing(endpoint))
            free = office.execute(
                "select count(*) from (select from app.webhook_endpoints where tenant_id = %(tenant_id)s"
                " for no key update skip locked) free"
            )
        assert free == [(0,)]
