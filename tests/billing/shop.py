"""A shop at the double that sells the small plan catalog: customers on test clocks, and what happens to them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from freehold.billing.prices import Interval
from local.stripe_double.service import StripeDouble
from tests.billing.parts import CATALOG, SUPPORT

type Obj = dict[str, Any]

START = datetime(2026, 1, 1, tzinfo=UTC)
GOOD, BAD = "pm_card_visa", "pm_card_chargeCustomerFail"


@dataclass
class Shop:
    """Prices by their lookup keys, made once."""

    double: StripeDouble
    start: datetime = START
    """Where test clocks stand at first."""
    prices: dict[str, str] = field(default_factory=dict)
    events: list[Obj] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.double.engine.listen(self.events.append)
        product = self.post("/v1/products", name="Freehold")["id"]
        for price in CATALOG.prices:
            made = self.post(
                "/v1/prices",
                product=product,
                currency=price.currency,
                unit_amount=str(price.amount),
                recurring={"interval": price.interval},
                lookup_key=price.lookup_key,
                metadata=price.metadata,
            )
            self.prices[price.lookup_key] = made["id"]

    def post(self, path: str, **params: Any) -> Obj:
        return self.double.engine.request("POST", path, params)

    def items(self, plan: str, interval: Interval = "month", *, seats: int = 1, add_on: str = "") -> list[Obj]:
        prices = CATALOG.plans[plan].prices[interval]
        named = [
            {"price": self.prices[each.lookup_key], "quantity": str(seats if each.component == "seat" else 1)}
            for each in prices
        ]
        return [*named, {"price": self.prices[SUPPORT.lookup_key], "quantity": "1"}] if add_on else named

    def customer(self, card: str | None = GOOD, *, on_clock: bool = True, **more: Any) -> "Buyer":
        clock = self.post("/v1/test_helpers/test_clocks", frozen_time=str(int(self.start.timestamp())))["id"]
        where = {"test_clock": clock} if on_clock else {}
        made = self.post("/v1/customers", email="pay@acme.example", **where, **more)
        buyer = Buyer(self, str(made["id"]), clock)
        if card:
            buyer.pay_with(card)
        return buyer


@dataclass
class Buyer:
    """One customer; `subscription` is the newest."""

    shop: Shop
    id: str
    clock: str
    subscription: str = ""

    def pay_with(self, card: str) -> None:
        method = self.shop.post(f"/v1/payment_methods/{card}/attach", customer=self.id)["id"]
        self.shop.post(f"/v1/customers/{self.id}", invoice_settings={"default_payment_method": method})

    def subscribe(self, plan: str, interval: Interval = "month", *, seats: int = 1, **more: Any) -> Obj:
        items = self.shop.items(plan, interval, seats=seats)
        made = self.shop.post("/v1/subscriptions", customer=self.id, items=items, **more)
        self.subscription = made["id"]
        return made

    def change(self, of: str = "", **params: Any) -> Obj:
        return self.shop.post(f"/v1/subscriptions/{of or self.subscription}", **params)

    def move(self, plan: str, interval: Interval = "month", *, seats: int = 1, add_on: str = "", **more: Any) -> Obj:
        """To another plan: new items, and the old ones go."""
        old = [{"id": each["id"], "deleted": "true"} for each in self.held()["items"]["data"]]
        new = self.shop.items(plan, interval, seats=seats, add_on=add_on)
        return self.change(items=[*new, *old], **more)

    def cancel(self, of: str = "") -> Obj:
        return self.shop.double.engine.request("DELETE", f"/v1/subscriptions/{of or self.subscription}")

    def held(self, of: str = "") -> Obj:
        found = self.shop.double.engine.find(of or self.subscription)
        assert found is not None
        return found

    def latest_invoice(self) -> str:
        return str(self.held()["latest_invoice"])

    def go(self, days: float) -> None:
        """The clock stands so many days after the start."""
        moment = str(int((self.shop.start + timedelta(days=days)).timestamp()))
        self.shop.post(f"/v1/test_helpers/test_clocks/{self.clock}/advance", frozen_time=moment)
