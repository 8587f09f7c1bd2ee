"""Every parameter of every path, given what no client would send: refused or taken, and no mistake of the double's.

    ODD=all freehold test tests/local/stripe_double_http/test_odd_parameters.py

takes all of them, in a quarter of a minute; else some are drawn, the same each time.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from local.stripe_double import forms
from local.stripe_double.engine import ROUTES
from local.stripe_double.params import Either, Need
from local.stripe_double.server import Request

ODD = ["", "x", "-1", "0", "9" * 23, "9" * 400, "1e30", "NaN", "inf", "now", "٣", "1_000"]
NESTED = [["a"], [""], {"a": "b"}, [{"a": "b"}], {"0": {"0": "1"}}]
SAMPLE = 800

type Place = tuple[str, ...]


def places(declared: dict[str, Any], way: Place = ()) -> Iterator[Place]:
    """Each parameter that a path takes, nested ones as well."""
    for name, kind in declared.items():
        yield from _places(kind.kind if isinstance(kind, Need) else kind, (*way, name))


def _places(kind: Any, way: Place) -> Iterator[Place]:
    yield way
    match kind:
        case Either():
            yield from places(kind.nested, way)
        case dict():
            yield from places(kind, way)
        case [below]:
            yield from _places(below, (*way, "0"))


def nested(way: Place, value: object) -> Any:
    for step in reversed(way):
        value = {step: value}
    return value


class Account:
    """One that has something of everything, asked without the wire between."""

    def __init__(self, double):
        self.double = double
        customer = self.ask("/v1/customers", email="a@b.test")["id"]
        card = self.ask("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
        self.ask(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": card})
        product = self.ask("/v1/products", name="P")["id"]
        self.price = self.ask(
            "/v1/prices", product=product, currency="usd", unit_amount=1000, recurring={"interval": "month"}
        )["id"]
        coupon = self.ask("/v1/coupons", percent_off=10, duration="once")["id"]
        subscription = self.ask("/v1/subscriptions", customer=customer, items=[{"price": self.price}])
        self.good = {
            "amount": "100",
            "currency": "usd",
            "customer": customer,
            "display_name": "d",
            "event_name": "e",
            "frozen_time": "1999999999",
            "items": [],
            "line_items": [{"price": self.price, "quantity": 1}],
            "mode": "subscription",
            "percent_off": "5",
            "price": self.price,
            "product": product,
            "query": "email:'a'",
            "subscription": subscription["id"],
            "success_url": "http://a.test",
            "type": "card",
            "unit_amount": "1000",
        }
        promotion = {"type": "coupon", "coupon": coupon}
        formula = {"formula": "sum"}
        self.ids = {
            "coupons": coupon,
            "customers": customer,
            "invoices": subscription["latest_invoice"],
            "meters": self.ask("/v1/billing/meters", display_name="m", event_name="e", default_aggregation=formula)[
                "id"
            ],
            "payment_methods": card,
            "prices": self.price,
            "products": product,
            "promotion_codes": self.ask("/v1/promotion_codes", promotion=promotion, code="X")["id"],
            "sessions": self.ask(
                "/v1/checkout/sessions",
                **{name: self.good[name] for name in ("customer", "line_items", "mode", "success_url")},
            )["id"],
            "subscription_items": subscription["items"]["data"][0]["id"],
            "subscriptions": subscription["id"],
            "test_clocks": self.ask("/v1/test_helpers/test_clocks", frozen_time=1_767_225_600)["id"],
        }

    def ask(self, path: str, **params: Any) -> dict[str, Any]:
        return self.double.engine.request("POST", path, forms.decode(forms.encode(params)))

    def give(self, route, way, value):
        """The status of a request that is good but for one parameter."""
        steps = route.path.split("/")
        path = "/".join(self.ids.get(steps[at - 1], "absent") if it == "{}" else it for at, it in enumerate(steps))
        others = {name: good for name, good in self.good.items() if name in route.takes and name != way[0]}
        text = forms.encode({**others, **nested(way, value)})
        get = route.method == "GET"
        headers = {"authorization": f"Bearer {self.double.secret_key}"}
        given = {"query": text if get else "", "body": b"" if get else text.encode()}
        return self.double.api.answer(Request(method=route.method, path=path, headers=headers, **given)).status


@pytest.fixture
def account(double):
    return Account(double)


def test_are_refused_or_taken(account):
    routes = [route for route in ROUTES if route.method != "DELETE"]
    odd = [(route, way, value) for route in routes for way in places(route.takes) for value in (*ODD, *NESTED)]
    chosen = odd if os.environ.get("ODD") == "all" else random.Random(7).sample(odd, SAMPLE)  # noqa: S311 -- the same each time
    wrong = []
    for route, way, value in chosen:
        try:
            status = account.give(route, way, value)
        except Exception as mistake:  # noqa: BLE001 -- all of them are listed
            wrong.append((route.method, route.path, ".".join(way), value, repr(mistake)))
        else:
            assert status in {200, 400, 402, 404}, (route, way, value)
    assert wrong == []


def test_good_ones_are_taken(account):
    """The control: what is given beside the odd one is good."""
    for path in ("/v1/customers", "/v1/prices", "/v1/coupons", "/v1/checkout/sessions", "/v1/subscriptions/{}"):
        route = next(route for route in ROUTES if (route.method, route.path) == ("POST", path))
        assert account.give(route, ("metadata",), {"a": "b"}) == 200, path
