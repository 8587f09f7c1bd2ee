"""A cancellation waits for what was used to be reported and counted, and for no longer than ten minutes in all."""

import math
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from freehold import clock
from freehold.database import Database
from freehold.jobs.dispatcher import pick
from freehold.jobs.kinds import Done, Kind
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from freehold.usage.counting import LONGEST, last_counted
from freehold.usage.reporting import FOR_ONE, Nothing
from product.plans import PLANS
from tests.usage.shop import Meters, Shop


class Busy(Meters):
    """Somebody uses something again whenever Stripe is told of something."""

    shop: Shop

    def report_usage(self, **told) -> None:
        super().report_usage(**told)
        self.shop.use(1)


class Late(Meters):
    """It takes what it is told, and counts none of it."""

    def report_usage(self, **told) -> None:
        self.calls += 1


@pytest.fixture(autouse=True)
def nothing_else_is_due(superuser: str) -> None:
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs; delete from app.usage_unreported")


@pytest.fixture
def short() -> None:
    """Each attempt has time for one report."""
    clock.allow(FOR_ONE - 1)


@pytest.fixture
def busy(shop: Shop) -> Busy:
    shop.meters = Busy()
    shop.meters.shop = shop
    return shop.meters


@pytest.fixture
def attempt(databases: dict[str, Database], shop: Shop) -> Callable[[], str]:
    """Of a job that waits as a cancellation does."""
    shop.subscribe()
    shop.use(1)
    kind = Kind(
        name="usage.last",
        job_class=JobClass.BILLING,
        input=Nothing,
        run=lambda running, _: last_counted(lambda: shop.meters, PLANS)(running) or Done(),
    )
    shop.company.execute(
        "insert into app.jobs (tenant_id, kind, job_class, state, input, attempts)"
        " values (%(tenant_id)s, 'usage.last', 'billing', 'waiting', '{}', 1)"
    )

    def attempt() -> str:
        shop.company.execute("update app.jobs set state = 'waiting' where tenant_id = %(tenant_id)s")
        [handed] = databases["system"].outside(pick(JobClass.BILLING, 100))
        return perform({kind.name: kind}, databases["worker"], handed)

    return attempt


class TestWait:
    @pytest.mark.usefixtures("busy", "short")
    def test_of_who_uses_something_at_each_attempt_ends_all_the_same(self, shop: Shop, attempt, caplog):
        assert [attempt() for _ in range(3)] == ["again"] * 3
        assert "usage in doubt" not in caplog.messages
        with clock.moved(clock.now() + LONGEST):
            assert attempt() == "succeeded"
        assert caplog.messages.count("usage in doubt") == 1
        assert shop.sums() == (5, 5, 4, 4)

    def test_of_who_uses_nothing_more_ends_at_once(self, shop: Shop, attempt, caplog):
        assert attempt() == "succeeded"
        assert "usage in doubt" not in caplog.messages
        assert shop.sums() == (1, 1, 1, 1)

    @pytest.mark.usefixtures("busy", "short")
    def test_is_ten_minutes_in_all_for_reports_and_then_for_what_stripe_counts(self, shop: Shop, attempt, caplog):
        assert attempt() == "again"
        shop.meters = Late()
        clock.allow(math.inf)
        with clock.moved(clock.now() + LONGEST - timedelta(minutes=1)):
            assert attempt() == "again"
        assert "usage in doubt" not in caplog.messages
        with clock.moved(clock.now() + LONGEST):
            assert attempt() == "succeeded"
        assert caplog.messages.count("usage in doubt") == 1
