"""The double beside Stripe's own client of this API version: it takes no parameter and shows no member that Stripe has not.

What the double alone took would pass here and be refused by Stripe; the client's classes are made from Stripe's own
specification.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import stripe
from stripe._object_classes import get_object_class

from local.stripe_double.engine import ROUTES
from local.stripe_double.journal import API_VERSION
from local.stripe_double.params import Either, Need
from local.stripe_double.routes import Route
from tests.billing.account import StripeAccount
from tests.billing.test_story import BEGIN, FAILS, LATER, Life, on

NAMESPACES = ("checkout", "billing", "billing_portal", "test_helpers")
VERBS = {"GET": ("List", "Retrieve"), "POST": ("Create", "Update"), "DELETE": ("", "Delete")}
ODD_NAMES = {
    ("DELETE", "/v1/subscriptions/{}"): "SubscriptionCancelParams",
}
OPTIONS = set(stripe.RequestOptions.__annotations__)


def test_versions_are_the_same():
    assert stripe.api_version == API_VERSION


def name_of(route: Route) -> str:
    """What Stripe's client calls the parameters of a path: `POST /v1/invoices/{}/pay` has InvoicePayParams."""
    if odd := ODD_NAMES.get((route.method, route.path)):
        return odd
    steps = [step for step in route.path.split("/")[2:] if step not in NAMESPACES]
    nouns = [step for at, step in enumerate(steps) if step != "{}" and (at == 0 or at == 2 and step.endswith("s"))]
    verb = steps[-1] if steps[-1] not in {"{}", *nouns} else VERBS[route.method][steps[-1] == "{}"]
    return "".join(map(camel, [*map(singular, nouns), verb])) + "Params"


def camel(word: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in word.split("_"))


def singular(noun: str) -> str:
    special = {"invoiceitems": "invoice_item"}
    return special.get(noun) or re.sub(r"s$", "", noun)


def params_of(route: Route) -> Any:
    step = route.path.split("/")[2]
    place = getattr(stripe.params, step) if step in NAMESPACES else stripe.params
    return getattr(place, name_of(route), None)


def unknown(takes: Mapping[str, Any], known: list[Any], way: str = "") -> Iterator[str]:
    """Parameters that none of these classes knows."""
    for name, kind in takes.items():
        owners = [one for one in known if name in set(one.__annotations__) - OPTIONS]
        if not owners:
            yield f"{way}{name}"
        elif below := nested(kind):
            yield from unknown(below, [found for one in owners for found in named(one, name)], f"{way}{name}.")


def nested(kind: Any) -> Mapping[str, Any] | None:
    match kind:
        case Need():
            return nested(kind.kind)
        case Either():
            return kind.nested
        case [below]:
            return nested(below)
        case dict():
            return kind
        case _:
            return None


def named(owner: Any, name: str) -> list[Any]:
    """The classes of what a parameter nests."""
    module, said = vars(sys.modules[owner.__module__]), repr(owner.__annotations__[name])
    return [module[found] for found in re.findall(r"\w*Params\w*", said) if found in module]


def known_paths() -> list[Route]:
    return [route for route in ROUTES if params_of(route) is not None]


class TestParameters:
    @pytest.mark.parametrize("route", known_paths(), ids=lambda route: f"{route.method} {route.path}")
    def test_are_stripes(self, route):
        assert list(unknown(route.takes, [params_of(route)])) == []

    def test_are_found_for_each_path(self):
        """The control: a name that is guessed wrong would check nothing."""
        assert [f"{route.method} {route.path} ({name_of(route)})" for route in ROUTES if params_of(route) is None] == []


class TestMembers:
    def test_are_stripes(self):
        with StripeAccount() as account:
            live(account)
            world = account.double.engine.world
            shown = [world.render(each) for each in world.store.objects.values()]
        kinds = {each["object"] for each in shown}
        assert kinds >= {"subscription", "invoice", "charge", "refund", "dispute", "discount", "invoiceitem"}
        assert {
            odd for each in shown for odd in strange(each["object"], each, get_object_class("V1", each["object"]))
        } == set()


def live(account):
    """Enough for one of each kind."""
    life = Life(account)
    coupon = life.v1.coupons.create({"percent_off": 50, "duration": "forever"})
    life.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "HALF"})
    life.subscribe(life.price(3000), discounts=[{"coupon": coupon.id}])
    payments = life.v1.invoices.list({"customer": life.customer, "expand": ["data.payments"]}).data[0].payments
    life.v1.refunds.create({"payment_intent": payments.data[0].payment.payment_intent, "amount": 100})
    life.go(on(1, 16, 12))
    life.change(items=[{"id": life.item(), "quantity": 2}])
    account.pay_with(life.customer, "pm_card_createDispute")
    life.go(on(2, 1) + LATER)
    account.pay_with(life.customer, FAILS)
    life.go(on(3, 1) + LATER)
    asked = {"mode": "subscription", "customer": life.customer, "line_items": [{"price": life.price(1), "quantity": 1}]}
    life.v1.checkout.sessions.create({**asked, "success_url": "http://127.0.0.1"})
    life.v1.billing_portal.sessions.create({"customer": life.customer})
    life.v1.billing.meters.create({"display_name": "m", "event_name": "e", "default_aggregation": {"formula": "sum"}})
    assert life.account.now(life.customer) > BEGIN


def strange(way: str, shown: Mapping[str, Any], known: Any) -> Iterator[str]:
    """Members that the client's class does not know."""
    mine = {name for one in known.__mro__ for name in vars(one).get("__annotations__", {})}
    yield from (f"{way}.{name}" for name in shown if name not in mine)
    for name, value in shown.items():
        below = getattr(known, camel(name), None)
        if isinstance(value, Mapping) and isinstance(below, type):
            yield from strange(f"{way}.{name}", value, below)
