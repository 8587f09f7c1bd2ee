"""What Stripe rejects after it has taken it is said once a day, by its day, and nothing is done about it."""

import contextlib
import importlib
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from freehold import clock
from freehold.database import Database, database
from freehold.jobs.dispatcher import pick
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from freehold.messaging.periods import once
from freehold.usage.comparison import comparing
from freehold.usage.metering import StripeMeters
from freehold.usage.waking import NotAllReached, wake_comparisons
from product.plans import PLANS
from tests.usage.account import NAME, REPORTS, Account
from tests.usage.sending import METER
from tests.usage.shop import Shop

LONG_AGO = 30.0  # hours; of a day that is over, or nearly


@pytest.fixture(autouse=True)
def nothing_else_is_due(superuser: str) -> None:
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs; delete from app.usage_unreported; delete from app.turns")


@pytest.fixture
def compare(databases: dict[str, Database], paying: Shop, account: Account, caplog) -> Callable[[], list[Any]]:
    """Does what the clock does once a day; the lines that complain, as `(meter, day, told, counted)`."""

    def compare() -> list[Any]:
        caplog.clear()
        kind = comparing(lambda: account.meters, PLANS)
        wake_comparisons(databases["system"], databases["worker"], kind, request_id="r", latest=math.inf)
        for handed in databases["system"].outside(pick(JobClass.BILLING, 100)):
            assert perform({kind.name: kind}, databases["worker"], handed) == "succeeded"
        said = [each.__dict__ for each in caplog.records if each.message == "usage in doubt"]
        ours = [each for each in said if each["tenant_id"] == paying.company.id]
        assert {each["levelname"] for each in ours} <= {"ERROR"}
        return [(each["meter"], each["day"], each["told"], each["counted"]) for each in ours]

    return compare


def told(shop: Shop, account: Account, *quantities: int, hours_ago: float = LONG_AGO) -> str:
    """Each in a report of its own, two hours ago; the day that they are counted in."""
    at = (datetime.now(UTC) - timedelta(hours=hours_ago)).replace(minute=0)
    for quantity in quantities:
        shop.use_at(at, quantity)
        assert account.report(shop) == "nothing"
    shop.pass_hours(2)
    return at.date().isoformat()


class TestComparison:
    def test_names_the_day_of_what_stripe_rejected_after_it_took_it(self, paying, account, compare):
        account.double.faults.add(REPORTS, "rejected_later")
        day = told(paying, account, 3, 7)
        assert compare() == [(METER, day, 10, 7)]

    def test_finds_nothing_where_stripe_counts_what_it_was_told(self, paying, account, compare):
        told(paying, account, 3, 7)
        told(paying, account, 5, hours_ago=200)
        assert compare() == []
        assert account.counted() == 10

    def test_corrects_nothing(self, paying, account, compare):
        account.double.faults.add(REPORTS, "rejected_later")
        told(paying, account, 3, 7)
        before = paying.states()
        assert len(compare()) == 1
        assert (paying.states(), paying.is_noted(), account.counted()) == (before, False, 7)
        assert len(compare()) == 1

    def test_is_over_once_a_person_has_it_told_again(self, paying, account, compare):
        account.double.faults.add(REPORTS, "rejected_later")
        told(paying, account, 3, 7)
        paying.company.execute(
            "with ended as (update app.usage_reports set state = 'void'"
            " where tenant_id = %(tenant_id)s and quantity = 3 and state = 'reported' returning *)"
            " update app.usage_hours h set claimed = h.claimed - e.quantity from ended e"
            " where (h.tenant_id, h.meter, h.hour) = (e.tenant_id, e.meter, e.hour)"
        )
        paying.company.execute("insert into app.usage_unreported (tenant_id) values (%(tenant_id)s)")
        assert account.report(paying) == "nothing"
        paying.pass_hours(2)
        assert (compare(), account.counted()) == ([], 10)

    def test_names_what_nobody_has_told(self, paying, account, compare):
        day = told(paying, account, 3)
        account.meters.report_usage(
            event_name=NAME,
            customer=account.customer,
            value="2",
            identifier="of-somebody-else",
            timestamp=datetime.now(UTC) - timedelta(hours=LONG_AGO),
        )
        assert compare() == [(METER, day, 3, 5)]

    def test_waits_until_stripe_has_had_time_to_count(self, paying, account, compare):
        account.double.faults.add(REPORTS, "rejected_later")
        told(paying, account, 3)
        paying.company.execute(
            "update app.usage_reports set finished_at = now() - interval '50 minutes' where tenant_id = %(tenant_id)s"
        )
        assert compare() == []
        paying.pass_hours(1)
        assert len(compare()) == 1

    def test_is_not_misled_by_a_report_that_was_sent_with_two_moments(self, paying, account, compare):
        told(paying, account, 3)
        paying.company.execute(
            "update app.usage_reports set counted_at = counted_at + interval '1 day' where tenant_id = %(tenant_id)s"
        )
        assert compare() == []

    def test_tells_of_a_meter_that_was_archived_what_it_has_counted(self, paying, account, compare):
        told(paying, account, 3)
        v1 = account.stripe.client.v1
        v1.billing.meters.deactivate(v1.billing.meters.list().data[0].id)
        account.meters = StripeMeters(account.stripe)
        assert compare() == []

    def test_of_a_customer_that_is_gone_says_that_nothing_is_counted(self, paying, account, compare):
        day = told(paying, account, 3)
        paying.company.execute("update app.usage_reports set customer_id = 'cus_gone' where tenant_id = %(tenant_id)s")
        assert compare() == [(METER, day, 3, 0)]


class TestClock:
    def test_asks_for_it_once_a_day_where_something_was_told(self, stage: None, paying: Shop, account: Account):
        told(paying, account, 3)
        event = json.loads(Path("events/report_usage/every_five_minutes.json").read_text())
        handler = importlib.import_module("functions.report_usage.handler").handler
        for _ in range(2):
            handler(event, None)
        assert kinds(paying) == ["usage.compare"]
        handler({"scheduled_at": "2026-01-16T00:00:00Z"}, None)
        assert kinds(paying) == ["usage.compare"] * 2
        for role in ("freehold_system", "freehold_worker"):
            database(role).close()

    def test_asks_for_nothing_where_nothing_was_told_lately(self, databases, paying: Shop, account: Account):
        paying.use(3)
        kind = comparing(lambda: account.meters, PLANS)
        wake_comparisons(databases["system"], databases["worker"], kind, request_id="r", latest=math.inf)
        assert kinds(paying) == []


class Reach(float):
    """A moment that has come once so many tenants were reached."""

    def __init__(self, tenants: int) -> None:
        self.left = tenants

    def __lt__(self, now: float) -> bool:
        self.left -= 1
        return self.left < 0


class TestRound:
    @pytest.fixture
    def told_shops(self, two_shops: list[Shop]) -> list[Shop]:
        for shop in two_shops:
            assert shop.report() == "nothing"
            shop.pass_hours(2)
        return sorted(two_shops, key=lambda shop: shop.company.id)

    @pytest.fixture
    def call(self, databases: dict[str, Database], account: Account) -> Callable[[str, int], bool]:
        """Whether this call has ended the day's round; it has time for so many tenants."""
        kind = comparing(lambda: account.meters, PLANS)

        def call(day: str, tenants: int) -> bool:
            system, worker = databases["system"], databases["worker"]

            def work() -> None:
                wake_comparisons(system, worker, kind, request_id="r", latest=Reach(tenants))

            with contextlib.suppress(NotAllReached):
                return once(system, "compare_usage", day, work, hold=60)
            return False

        return call

    def test_that_runs_out_of_time_goes_on_where_it_ended_and_finds_nobody_twice(
        self, told_shops: list[Shop], call, superuser: str
    ):
        def compared() -> list[int]:
            return [len(kinds(shop)) for shop in told_shops]

        with psycopg.connect(superuser) as connection:
            [(up_to_the_first,)] = connection.execute(
                "select count(*) from app.billing_syncs where tenant_id <= %s", [told_shops[0].company.id]
            ).fetchall()
        assert not call("2026-01-15", up_to_the_first)
        assert compared() == [1, 0]
        assert not call("2026-01-15", 0)
        assert compared() == [1, 0]
        assert call("2026-01-15", 10_000)
        assert compared() == [1, 1]
        assert not call("2026-01-15", 10_000), "the day is over"
        assert compared() == [1, 1]
        assert call("2026-01-16", 10_000)
        assert compared() == [2, 2]

    def test_that_a_day_was_too_short_for_begins_the_next_day_with_the_others(self, told_shops: list[Shop], call):
        [first, second] = told_shops
        while not kinds(first):
            assert not call("2026-01-15", 1)
        assert call("2026-01-16", 10_000)
        assert [len(kinds(shop)) for shop in (first, second)] == [1, 1]

    @pytest.mark.parametrize(("hour", "level"), [(11, "INFO"), (12, "ERROR")])
    def test_that_is_not_over_by_noon_is_said_aloud(self, told_shops, call, caplog, hour, level):
        with clock.moved(clock.now().replace(hour=hour, minute=0)):
            assert not call("2026-01-15", 0)
        assert [each.levelname for each in caplog.records if each.message == "usage is not compared"] == [level]


def kinds(shop: Shop) -> list[str]:
    return [
        kind
        for (kind,) in shop.company.execute("select kind from app.jobs where tenant_id = %(tenant_id)s order by id")
    ]
