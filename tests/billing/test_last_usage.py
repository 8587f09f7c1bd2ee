"""What was used before a subscription is cancelled at once is on its last invoice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from freehold import clock
from local.stripe_double.service import StripeDouble
from product.plans import PLANS
from tests.billing.till import Object, Till

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
USED = 1_000_000
METER_EVENTS = "POST /v1/billing/meter_events"
LAG = timedelta(minutes=2)
METERED = PLANS.plans["pro"].price("month", "usage:api_calls")


def subscribed(till: Till) -> None:
    """On Pro, after its trial, with something used that nobody has reported."""
    customer = till.customer(at=BEGIN)
    prices = {each.lookup_key: each.id for each in till.account.client.v1.prices.list({"limit": 100}).data}
    items = [{"price": prices["fh_pro_month_base"]}, {"price": prices["fh_pro_month_usage_api_calls"]}]
    metadata = {"freehold_tenant": str(till.company.id)}
    till.account.client.v1.subscriptions.create({"customer": customer["id"], "items": items, "metadata": metadata})
    till.account.advance(customer["id"], timedelta(days=15))
    till.sync()
    use(till, hour=BEGIN + timedelta(days=9))


def use(till: Till, *, hour: datetime) -> None:
    till.company.execute(
        "insert into app.usage_hours (tenant_id, meter, hour, quantity, events)"
        " values (%(tenant_id)s, 'api_calls', %(hour)s, %(quantity)s, 1)",
        hour=hour,
        quantity=USED,
    )
    till.company.execute("insert into app.usage_unreported (tenant_id) values (%(tenant_id)s)")


def billed(invoice: Object) -> int:
    """How much of what is used."""
    return sum(each["quantity"] for each in invoice["lines"]["data"])


def included() -> int:
    """How much costs nothing."""
    assert METERED
    assert METERED.included
    return METERED.included


def wait(till: Till, time: timedelta) -> None:
    """At Stripe."""
    [customer] = till.customers()
    till.account.advance(customer["id"], time)


@pytest.fixture
def late(breaking: StripeDouble) -> Iterator[StripeDouble]:
    """Counts what it is told some minutes after it was."""
    breaking.engine.settings.meter_lag_seconds = int(LAG.total_seconds())
    yield breaking
    breaking.engine.settings.meter_lag_seconds = 0


class TestCancel:
    def test_now_bills_what_was_used_until_now(self, till: Till):
        subscribed(till)
        before = len(till.invoices())
        assert till.do("cancel", at_period_end=False)["result"]["outcome"] == "ended"
        invoices = till.invoices()
        assert len(invoices) == before + 1
        lines = invoices[0]["lines"]["data"]
        assert billed(invoices[0]) == USED - included()
        assert sum(each["amount"] for each in lines) > 0
        assert not till.company.execute("select from app.usage_unreported where tenant_id = %(tenant_id)s")


@pytest.mark.usefixtures("late")
class TestCount:
    """Stripe counts what it is told some time after it has answered."""

    def test_is_waited_for(self, till: Till):
        subscribed(till)
        before = len(till.invoices())
        job = till.do("cancel", at_period_end=False)
        assert (job["state"], job["attempt"]) == ("scheduled", 0)
        assert "counting" in job["reason"]
        assert len(till.invoices()) == before
        wait(till, LAG)
        assert till.perform("billing.cancel") == ["succeeded"]
        assert billed(till.invoices()[0]) == USED - included()

    def test_what_is_used_meanwhile_is_not(self, till: Till):
        subscribed(till)
        assert till.do("cancel", at_period_end=False)["state"] == "scheduled"
        wait(till, LAG)
        use(till, hour=BEGIN + timedelta(days=10))
        assert till.perform("billing.cancel") == ["succeeded"]

    def test_is_not_waited_for_longer_than_ten_minutes(self, till: Till, caplog: pytest.LogCaptureFixture):
        subscribed(till)
        assert till.do("cancel", at_period_end=False)["state"] == "scheduled"
        with clock.moved(clock.now() + timedelta(minutes=9)):
            assert till.perform("billing.cancel") == ["again"]
        assert "usage in doubt" not in caplog.messages
        with clock.moved(clock.now() + timedelta(minutes=11)):
            assert till.perform("billing.cancel") == ["succeeded"]
        assert "usage in doubt" in caplog.messages
        assert [each["status"] for each in till.subscriptions()] == ["canceled"]

    def test_that_stripe_does_not_show_fails_no_cancellation(self, till: Till, late: StripeDouble):
        subscribed(till)
        assert till.do("cancel", at_period_end=False)["state"] == "scheduled"
        late.faults.add("GET /v1/billing/meters/*/event_summaries", "503", times=3)
        with clock.moved(clock.now() + timedelta(minutes=11)):
            assert till.perform("billing.cancel") == ["succeeded"]

    def test_is_not_waited_for_where_the_next_period_would_begin(self, till: Till):
        subscribed(till)
        [held] = till.subscriptions()
        end = datetime.fromtimestamp(held["items"]["data"][0]["current_period_end"], UTC)
        till.account.advance(held["customer"], end - timedelta(minutes=6))
        assert till.do("cancel", at_period_end=False)["state"] == "scheduled"
        till.account.advance(held["customer"], end - timedelta(minutes=5, seconds=-1))
        assert till.perform("billing.cancel") == ["succeeded"]
        assert [each["status"] for each in till.subscriptions()] == ["canceled"]

    def test_is_not_waited_for_where_nothing_was_told(self, till: Till):
        subscribed(till)
        till.company.execute("delete from app.usage_hours where tenant_id = %(tenant_id)s")
        assert till.do("cancel", at_period_end=False)["state"] == "succeeded"


class TestMeters:
    """That take nothing: whoever leaves leaves all the same."""

    def test_that_are_away_delay_the_end_by_minutes(
        self, till: Till, breaking: StripeDouble, caplog: pytest.LogCaptureFixture
    ):
        subscribed(till)
        breaking.faults.add(METER_EVENTS, "503", times=100)
        job = till.do("cancel", at_period_end=False)
        assert (job["state"], job["attempt"]) == ("scheduled", 0)
        self.ends_on_the_fourth_try(till, caplog)

    def test_that_were_archived_delay_the_end_by_minutes(self, till: Till, caplog: pytest.LogCaptureFixture):
        subscribed(till)
        meters = till.account.client.v1.billing.meters
        [meter] = meters.list().data
        meters.deactivate(meter.id)
        try:
            assert till.do("cancel", at_period_end=False)["state"] == "scheduled"
            self.ends_on_the_fourth_try(till, caplog)
        finally:
            meters.reactivate(meter.id)

    def ends_on_the_fourth_try(self, till: Till, caplog: pytest.LogCaptureFixture) -> None:
        assert [till.perform("billing.cancel") for _ in range(3)] == [["again"], ["again"], ["succeeded"]]
        assert [each["status"] for each in till.subscriptions()] == ["canceled"]
        assert caplog.messages.count("usage in doubt") == 1

    def test_that_are_away_for_a_moment_lose_nothing(self, till: Till, breaking: StripeDouble):
        subscribed(till)
        breaking.faults.add(METER_EVENTS, "503", times=4)
        till.do("cancel", at_period_end=False)
        assert till.perform("billing.cancel") == ["succeeded"]
        assert billed(till.invoices()[0]) == USED - included()


class TestCopy:
    def test_is_made_anew_before_the_last_usage_is_told_by_it(self, till: Till):
        subscribed(till)
        till.company.execute(
            "update app.subscriptions set status = 'incomplete', items = '[]' where tenant_id = %(tenant_id)s"
        )
        assert till.do("cancel", at_period_end=False)["result"]["outcome"] == "ended"
        assert billed(till.invoices()[0]) == USED - included()
