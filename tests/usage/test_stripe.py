"""The same over Stripe's own client, against the double of Stripe: what it counts is what was recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from freehold.billing.gateway import Stripe, StripeBusy, StripeRefused
from freehold.secrets import StripeKeys
from freehold.usage.metering import StripeMeters
from freehold.usage.reporting import DuplicateReport
from tests.usage.account import NAME, REPORTS, Account, opened, pays
from tests.usage.shop import Shop

KINDS = ["500", "500_after", "503", "429", "timeout_before", "timeout_after", "connection_reset_after"]
BACK = timedelta(days=7, minutes=20)


@pytest.fixture
def earlier() -> Iterator[Account]:
    """In the past: a week and twenty minutes ago."""
    yield from opened(Account(ahead=-BACK))


class TestReports:
    def test_are_counted_by_stripe_to_the_unit(self, paying: Shop, account: Account):
        paying.use(3, 4, hours_ago=5)
        paying.use(10**15 - 8, hours_ago=1)
        assert account.report(paying) == "nothing"
        assert account.counted() == paying.sums()[0] == 10**15 - 1

    @pytest.mark.parametrize("hours", [0, 25])
    @pytest.mark.parametrize("kind", KINDS)
    def test_are_counted_once_whatever_stripe_does(self, paying: Shop, account: Account, kind, hours):
        paying.use(7, hours_ago=2)
        paying.use(8, hours_ago=4)
        account.double.faults.add(REPORTS, kind, times=2, seconds=0.1)
        for _ in range(2):
            assert account.report(paying) is None
        account.ahead += timedelta(hours=hours)
        paying.pass_hours(hours)
        assert account.report(paying) == "nothing"
        assert account.counted() == paying.sums()[2] == 15


class TestEndOfASubscription:
    @pytest.mark.parametrize(("told", "billed"), [(timedelta(), 7), (timedelta(hours=1), 0)], ids=["draft", "too late"])
    def test_bills_what_is_told_while_its_last_invoice_is_a_draft(
        self, shop: Shop, earlier: Account, told: timedelta, billed: int
    ):
        subscription = earlier.subscribe()
        before = {"event_name": NAME, "customer": earlier.customer, "value": "500", "identifier": "before"}
        earlier.meters.report_usage(**before, timestamp=datetime.now(UTC) - BACK)
        earlier.stripe.client.v1.subscriptions.update(subscription, {"cancel_at_period_end": True})
        shop.subscribe(started=BACK, period=BACK)
        pays(shop, earlier).end(ago=timedelta(minutes=20))
        shop.use(7, hours_ago=3)
        earlier.ahead = told
        assert (earlier.last_invoice()["status"] == "draft") == (not told)
        earlier.report(shop)
        earlier.ahead = timedelta(hours=2)
        invoice = earlier.last_invoice()
        assert (invoice["status"], invoice["subtotal"]) == ("paid", 500 + billed)


class TestMeters:
    def tell(self, account: Account, identifier: str = "one", **different: str) -> None:
        told = {"event_name": NAME, "customer": account.customer, "value": "1"} | different
        account.meters.report_usage(**told, identifier=identifier, timestamp=datetime.now(UTC))

    def test_know_an_identifier_for_a_day(self, account: Account):
        self.tell(account)
        with pytest.raises(DuplicateReport):
            self.tell(account)
        account.ahead += timedelta(hours=25)
        account.meters.report_usage(
            event_name=NAME,
            customer=account.customer,
            value="1",
            identifier="one",
            timestamp=datetime.now(UTC) + account.ahead,
        )

    @pytest.mark.parametrize("different", [{"customer": "cus_nobody"}, {"event_name": "nothing"}, {"value": "x"}])
    def test_refuse_what_is_wrong(self, account: Account, different):
        with pytest.raises(StripeRefused):
            self.tell(account, **different)

    def test_that_our_key_may_not_tell_are_busy_until_we_have_mended_it(self, account: Account):
        keys = StripeKeys(secret_key="sk_test_another", webhook_secrets=("whsec_12345678",), api=account.double.url)
        account.meters = StripeMeters(Stripe(keys, retries=0))
        with pytest.raises(StripeBusy):
            self.tell(account)
        with pytest.raises(StripeBusy):
            account.counted()

    def test_that_stripe_does_not_have_are_refused(self, account: Account):
        with pytest.raises(StripeRefused, match="no meter"):
            account.meters.usage_of(event_name="nothing", customer=account.customer, hour=datetime.now(UTC))
