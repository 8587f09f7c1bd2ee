"""Eight lives of a customer, of six changes each: lived once at the double, seen by the gateway after each change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from freehold.billing.remote import Remote
from freehold.permissions import Access
from local.stripe_double.service import StripeDouble
from tests.billing.shop import BAD, GOOD, Buyer, Obj, Shop
from tests.billing.wire import gateway

type Change = Callable[[Buyer], object]


@dataclass(frozen=True)
class Life:
    """What happens, and what the tenant has in the end: worked out by hand."""

    name: str
    changes: Sequence[Change]
    plan: str
    status: str
    access: Access = Access.FULL


@dataclass(frozen=True)
class Lived:
    """What the gateway saw before the first change and after each, and the events, of each change the last one."""

    life: Life
    seen: Sequence[Remote]
    events: Sequence[Obj]


def live(life: Life, double: StripeDouble) -> Lived:
    shop = Shop(double)
    buyer, stripe = shop.customer(), gateway(double)
    seen, events = [stripe.fetch(buyer.id)], []
    for change in life.changes:
        shop.events.clear()
        change(buyer)
        told = [each for each in shop.events if each["data"]["object"].get("customer") == buyer.id]
        events.append(told[-1])
        seen.append(stripe.fetch(buyer.id))
    return Lived(life, seen, events)


def _later(days: float, change: Change) -> Change:
    def then(buyer: Buyer) -> None:
        buyer.go(days)
        change(buyer)

    return then


def _seats(count: int) -> Change:
    def change(buyer: Buyer) -> None:
        item = buyer.held()["items"]["data"][1]["id"]
        wanted = [{"id": item, "quantity": str(count)}]
        buyer.change(items=wanted, metadata={"freehold_seats": str(count)})

    return change


def _refund(buyer: Buyer) -> None:
    held = buyer.shop.double.engine.request("GET", "/v1/charges", {"customer": buyer.id})
    buyer.shop.post("/v1/refunds", charge=held["data"][0]["id"], amount="700")


def _pay(buyer: Buyer) -> None:
    buyer.shop.post(f"/v1/invoices/{buyer.latest_invoice()}/pay")


def _discount(buyer: Buyer) -> None:
    coupon = buyer.shop.post("/v1/coupons", percent_off="20", duration="forever")["id"]
    buyer.change(discounts=[{"coupon": coupon}])


def _want_more(buyer: Buyer) -> None:
    """A change whose payment fails: it waits, and nothing has changed."""
    item = buyer.held()["items"]["data"][1]["id"]
    prorated = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}
    buyer.change(items=[{"id": item, "quantity": "9"}], **prorated)
    assert buyer.held()["pending_update"]


LIVES = (
    Life(
        "a trial that becomes a customer, and upgrades",
        (
            lambda buyer: buyer.subscribe("pro", trial_period_days="14"),
            lambda buyer: buyer.go(11.5),
            lambda buyer: buyer.go(14.2),
            lambda buyer: buyer.go(46),
            lambda buyer: buyer.move("scale"),
            lambda buyer: buyer.go(80),
        ),
        "scale",
        "active",
    ),
    Life(
        "a payment that fails and comes late",
        (
            lambda buyer: buyer.subscribe("pro"),
            lambda buyer: buyer.pay_with(BAD),
            lambda buyer: buyer.go(31.2),
            lambda buyer: buyer.go(39.5),
            lambda buyer: buyer.pay_with(GOOD),
            _pay,
        ),
        "pro",
        "active",
    ),
    Life(
        "a payment that never comes",
        (
            lambda buyer: buyer.subscribe("scale"),
            lambda buyer: buyer.pay_with(BAD),
            lambda buyer: buyer.go(31.2),
            lambda buyer: buyer.go(34.5),
            lambda buyer: buyer.go(39.5),
            _later(60, Buyer.cancel),
        ),
        "archive",
        "canceled",
    ),
    Life(
        "an old subscription that ends after the new one began",
        (
            lambda buyer: buyer.subscribe("scale"),
            lambda buyer: buyer.change(cancel_at_period_end="true"),
            _later(20, lambda buyer: buyer.pay_with(GOOD)),
            lambda buyer: buyer.subscribe("pro"),
            lambda buyer: buyer.go(32),
            lambda buyer: buyer.go(52),
        ),
        "pro",
        "active",
    ),
    Life(
        "a first payment that fails, and one that does not",
        (
            lambda buyer: buyer.pay_with(BAD),
            lambda buyer: buyer.subscribe("pro"),
            lambda buyer: buyer.pay_with(GOOD),
            lambda buyer: buyer.subscribe("scale"),
            lambda buyer: buyer.go(1.5),
            lambda buyer: buyer.go(32),
        ),
        "scale",
        "active",
    ),
    Life(
        "an upgrade that is not paid for",
        (
            lambda buyer: buyer.subscribe("pro"),
            lambda buyer: buyer.pay_with(BAD),
            _want_more,
            lambda buyer: buyer.go(2),
            lambda buyer: buyer.pay_with(GOOD),
            lambda buyer: buyer.go(32),
        ),
        "pro",
        "active",
    ),
    Life(
        "seats, a coupon, a refund, and the end",
        (
            lambda buyer: buyer.subscribe("pro"),
            _seats(5),
            _discount,
            lambda buyer: buyer.go(32),
            _refund,
            lambda buyer: buyer.cancel(),
        ),
        "archive",
        "canceled",
    ),
    Life(
        "from months to years, and a change of mind",
        (
            lambda buyer: buyer.subscribe("pro"),
            lambda buyer: buyer.move("pro", "year"),
            lambda buyer: buyer.move("scale", "year", proration_behavior="none"),
            lambda buyer: buyer.change(cancel_at_period_end="true"),
            _later(100, lambda buyer: buyer.pay_with(GOOD)),
            lambda buyer: buyer.change(cancel_at_period_end="false"),
        ),
        "scale",
        "active",
    ),
)
