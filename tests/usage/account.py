"""An account at the double of Stripe: a customer, a meter, and what a reporter tells of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from freehold.billing.gateway import Stripe, StripeBusy
from freehold.secrets import StripeKeys
from freehold.usage.metering import StripeMeters
from freehold.usage.reporting import Reporter
from local.stripe_double.service import StripeDouble
from product.plans import PLANS
from tests.usage.sending import METER
from tests.usage.shop import Shop

REPORTS = "POST /v1/billing/meter_events"
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


def pays(shop: Shop, account: Account) -> Shop:
    shop.company.execute(
        "update app.billing_syncs set customer_id = %(customer)s where tenant_id = %(tenant_id)s",
        customer=account.customer,
    )
    return shop
