"""A shop with a double of Stripe: what tests of it buy, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from local.stripe_double.engine import Double
from local.stripe_double.settings import Settings

type Obj = dict[str, Any]

DAY, HOUR = 86400, 3600
START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())


class Shop:
    """A double whose customers hang on one test clock that stands at the first of January 2026."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.double = Double(settings=settings)
        self.events: list[Obj] = []
        self.double.listen(self.events.append)
        self.product = self.post("/v1/products", name="Pro")["id"]
        self.clock = self.post("/v1/test_helpers/test_clocks", frozen_time=str(START))["id"]

    def post(self, path: str, **params: Any) -> Obj:
        return self.double.request("POST", path, params)

    def get(self, path: str, **params: Any) -> Obj:
        return self.double.request("GET", path, params)

    def delete(self, path: str, **params: Any) -> Obj:
        return self.double.request("DELETE", path, params)

    def price(self, amount: int, interval: str = "month", **more: Any) -> str:
        fields: Obj = {"unit_amount": str(amount)} if "tiers" not in more else {}
        fields |= {"currency": "usd", "product": self.product, "recurring": {"interval": interval}}
        return str(self.post("/v1/prices", **(fields | more))["id"])

    def metered(self, decimal: str, meter: str, interval: str = "month", **more: Any) -> str:
        recurring = {"interval": interval, "usage_type": "metered", "meter": meter}
        unit = {} if "tiers" in more else {"unit_amount_decimal": decimal}
        made = self.post("/v1/prices", currency="usd", product=self.product, recurring=recurring, **unit, **more)
        return str(made["id"])

    def meter(self, name: str = "calls") -> str:
        aggregation = {"formula": "sum"}
        made = self.post("/v1/billing/meters", display_name=name, event_name=name, default_aggregation=aggregation)
        return str(made["id"])

    def customer(self, card: str | None = "pm_card_visa", **more: Any) -> str:
        made = str(self.post("/v1/customers", test_clock=self.clock, email="pay@acme.example", **more)["id"])
        if card:
            self.pay_with(made, card)
        return made

    def pay_with(self, customer: str, card: str) -> str:
        method = str(self.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"])
        self.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
        return method

    def subscribe(self, customer: str, *prices: str | tuple[str, int], **more: Any) -> Obj:
        named = [{"price": each} if isinstance(each, str) else _counted(*each) for each in prices]
        return self.post("/v1/subscriptions", customer=customer, items=named, **more)

    def subscription(self, wanted: Obj) -> Obj:
        return self.get(f"/v1/subscriptions/{wanted['id']}")

    def change(self, wanted: Obj, **params: Any) -> Obj:
        return self.post(f"/v1/subscriptions/{wanted['id']}", **params)

    def invoice(self, wanted: Obj, *expand: str) -> Obj:
        return self.get(f"/v1/invoices/{self.subscription(wanted)['latest_invoice']}", expand=list(expand))

    def go(self, seconds: int) -> None:
        """Advance the test clock to so many seconds after the first of January."""
        self.post(f"/v1/test_helpers/test_clocks/{self.clock}/advance", frozen_time=str(START + seconds))

    def heard(self) -> list[str]:
        """The types of the events since the last time that somebody asked."""
        types = [event["type"] for event in self.events]
        self.events.clear()
        return types


def _counted(price: str, quantity: int) -> Obj:
    return {"price": price, "quantity": str(quantity)}


def amounts(invoice: Obj) -> list[int]:
    return [line["amount"] for line in invoice["lines"]["data"]]


def item(subscription: Obj, at: int = 0) -> str:
    return str(subscription["items"]["data"][at]["id"])


def total(found: Iterable[Obj]) -> int:
    return sum(each["total"] for each in found)
