"""The same over Stripe's own client, against the double of Stripe: what it counts is what was recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freehold.billing.gateway import Stripe, StripeBusy, StripeRefused
from freehold.secrets import StripeKeys
from freehold.usage.metering import StripeMeters
from freehold.usage.reporting import DuplicateReport, Reporter
from local.stripe_double.service import StripeDouble
from product.plans import PLANS
from tests.usage.sending import METER
from tests.usage.shop import Shop

REPORTS = "POST /v1/billing/meter_events"
KINDS = ["500", "500_after", "503", "429", "timeout_before", "timeout_after", "connection_reset_after"]
BACK = timedelta(days=7, minutes=20)
NAME = PLANS.meters[METER].event_name


@dataclass
class Account:
    """A customer, the meter, and what the clock of Stripe says."""

    ahead: timedelta = timedelta()
    double: StripeDouble = field(init=False)

    def __post_init__(self) -> None:
        self.double = StripeDouble(now=lambda: datetime.now(UTC) + self.ahead)

    def open(self) -> None:
        self.stripe = Stripe(
            StripeKeys(secret_key=self.double.secret_key, webhook_secrets=("whsec_12345678",), api=self.double.url),
            retries=0,
        )
        self.meters = StripeMeters(self.stripe)
        v1 = self.stripe.client.v1
        self.customer = v1.customers.create({"email": "pay@acme.test"}).id
        v1.billing.meters.create(
            {
                "display_name": "API calls",
                "event_name": NAME,
                "default_aggregation": {"formula": "sum"},
                "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
                "value_settings": {"event_payload_key": "value"},
            }
        )

    def subscribe(self) -> str:
        """To a cent a call, by the week, from now on."""
        v1 = self.stripe.client.v1
        [meter] = v1.billing.meters.list().data
        price = v1.prices.create(
            {
                "currency": "usd",
                "unit_amount": 1,
                "product_data": {"name": "API calls"},
                "recurring": {"interval": "week", "usage_type": "metered", "meter": meter.id},
            }
        )
        card = v1.payment_methods.attach("pm_card_visa", {"customer": self.customer})
        v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": card.id}})
        return v1.subscriptions.create({"customer": self.customer, "items": [{"price": price.id}]}).id

    def last_invoice(self) -> dict[str, Any]:
        return self.stripe.client.v1.invoices.list({"customer": self.customer}).data[0].to_dict()

    def counted(self) -> int:
        """Of all hours of the last days."""
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        hours = [now - timedelta(hours=hour) for hour in range(60)]
        return sum(int(self.meters.usage_of(event_name=NAME, customer=self.customer, hour=hour)) for hour in hours)

    def report(self, shop: Shop) -> str | None:
        try:
            return Reporter(meters=self.meters, catalog=PLANS, works=shop.works).run()
        except StripeBusy:
            return None


def opened(account: Account) -> Iterator[Account]:
    with account.double:
        account.open()
        yield account
    assert account.double.failures == [], "the double has made a mistake of its own"


@pytest.fixture
def account() -> Iterator[Account]:
    yield from opened(Account())


@pytest.fixture
def earlier() -> Iterator[Account]:
    """In the past: a week and twenty minutes ago."""
    yield from opened(Account(ahead=-BACK))


def pays(shop: Shop, account: Account) -> Shop:
    shop.company.execute(
        "update app.billing_syncs set customer_id = %(customer)s where tenant_id = %(tenant_id)s",
        customer=account.customer,
    )
    return shop


@pytest.fixture
def paying(shop: Shop, account: Account) -> Shop:
    shop.subscribe()
    return pays(shop, account)


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
