"""Every five minutes: each tenant that has used something has one job, and whose job it is reports it."""

import importlib
import json
import math
import time
from pathlib import Path

import psycopg
import pytest

from freehold.billing.gateway import StripeBusy
from freehold.database import Database, database
from freehold.jobs.dispatcher import pick
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from freehold.usage.reporting import Nothing, reporting
from freehold.usage.waking import due_tenants, submit, wake
from product.plans import PLANS
from tests.usage.shop import Faults, Meters, Shop


@pytest.fixture(autouse=True)
def nothing_else_is_due(superuser: str) -> None:
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs; delete from app.usage_unreported")


def pass_a_turn(shop: Shop) -> None:
    """Almost five minutes."""
    shop.company.execute("update app.usage_unreported set due_at = due_at - interval '4 minutes 30 seconds'")


def jobs(shop: Shop) -> list[tuple[str, str, str]]:
    return shop.company.execute(
        "select kind, job_class, state from app.jobs where tenant_id = %(tenant_id)s order by id"
    )


def woken(databases: dict[str, Database], shop: Shop) -> int:
    kind = reporting(lambda: shop.meters, PLANS)
    return wake(databases["system"], databases["worker"], kind, request_id="r", latest=math.inf)


class TestWake:
    def test_submits_one_job_for_a_tenant_until_it_is_over(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(1)
        assert woken(databases, shop) == 1
        pass_a_turn(shop)
        assert woken(databases, shop) == 1
        assert jobs(shop) == [("usage.report", "billing", "waiting")]
        shop.company.execute(
            "update app.jobs set state = 'failed', finished_at = now() where tenant_id = %(tenant_id)s"
        )
        pass_a_turn(shop)
        woken(databases, shop)
        assert [state for *_, state in jobs(shop)] == ["failed", "waiting"]

    def test_finds_nobody_twice_in_one_turn(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(1)
        assert [woken(databases, shop) for _ in range(2)] == [1, 0]

    def test_that_has_no_time_for_all_begins_with_the_others_the_next_time(
        self, databases: dict[str, Database], two_shops: list[Shop]
    ):
        """However often the first one uses something."""
        reached, kind = [], reporting(Meters, PLANS)
        for _ in range(4):
            due = databases["system"].outside(due_tenants(10))
            [first] = [each for each in two_shops if each.company.id == due[0]]
            reached.append(first.company.id)
            first.works.do(submit(kind, Nothing()))  # and time is over
            first.use(1)
            pass_a_turn(first)
        assert reached == [each.company.id for each in two_shops] * 2

    def test_finds_nobody_whom_stripe_does_not_know(self, databases: dict[str, Database], shop: Shop):
        shop.use(1)
        assert woken(databases, shop) == 0

    def test_finds_nobody_who_has_used_nothing(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        assert woken(databases, shop) == 0

    def test_ends_in_time(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(1)
        kind = reporting(lambda: shop.meters, PLANS)
        found = wake(databases["system"], databases["worker"], kind, request_id="r", latest=time.monotonic() - 1)
        assert (found, jobs(shop)) == (0, [])


class TestJob:
    def run(self, databases: dict[str, Database], shop: Shop) -> str:
        kind = reporting(lambda: shop.meters, PLANS)
        [handed] = databases["system"].outside(pick(JobClass.BILLING, 100))
        return perform({kind.name: kind}, databases["worker"], handed)

    def test_reports_and_is_gone(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(5, 6)
        woken(databases, shop)
        assert self.run(databases, shop) == "succeeded"
        assert (shop.sums(), jobs(shop)) == ((11, 11, 11, 11), [])
        assert woken(databases, shop) == 0

    def test_that_meets_no_stripe_is_tried_again(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(5)
        woken(databases, shop)
        shop.meters.faults = Faults(at=0, error=StripeBusy("away"))
        assert self.run(databases, shop) == "again"
        assert [state for *_, state in jobs(shop)] == ["scheduled"]


def test_the_clock_wakes_it(stage: None, shop: Shop):
    shop.subscribe()
    shop.use(1)
    event = json.loads(Path("events/report_usage/every_five_minutes.json").read_text())
    importlib.import_module("functions.report_usage.handler").handler(event, None)
    assert jobs(shop) == [("usage.report", "billing", "waiting")]
    for role in ("freehold_system", "freehold_worker"):
        database(role).close()


def test_upkeep_forgets_keys_that_are_old(databases: dict[str, Database], shop: Shop):
    shop.use(1, 2, 3)
    shop.company.execute(
        "update app.usage_keys set created_at = now() - interval '37 days' where tenant_id = %(tenant_id)s"
    )
    shop.use(4)
    tidied = importlib.import_module("freehold.upkeep.service").tidy(databases["system"], latest=math.inf)
    assert tidied["usage_keys"] >= 3
    assert shop.company.execute("select count(*) from app.usage_keys where tenant_id = %(tenant_id)s") == [(1,)]
