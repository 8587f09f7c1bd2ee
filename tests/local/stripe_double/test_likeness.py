"""The double speaks of nothing that Stripe's own client does not know: members of objects, parameters of routes."""

import importlib
import inspect
import re
from types import ModuleType
from typing import Any

import pytest

from local.stripe_double import engine
from local.stripe_double.journal import API_VERSION
from local.stripe_double.params import Either, Need
from tests.local.stripe_double.shop import DAY, item

stripe = pytest.importorskip("stripe")
classes = importlib.import_module("stripe._object_classes").OBJECT_CLASSES


def members(kind: str) -> set[str]:
    module, name = classes[kind]
    found: set[str] = set()
    for each in getattr(importlib.import_module(module), name).__mro__:
        found |= set(getattr(each, "__annotations__", {}))
    return found


@pytest.fixture
def everything(shop):
    """One object at least of each kind that the double makes."""
    customer = shop.customer(tax_id_data=[{"type": "eu_vat", "value": "DE1"}])
    coupon = shop.post("/v1/coupons", percent_off="10", duration="once")["id"]
    shop.post("/v1/promotion_codes", promotion={"type": "coupon", "coupon": coupon})
    subscription = shop.subscribe(
        customer, shop.price(4900), shop.metered("1", shop.meter()), discounts=[{"coupon": coupon}]
    )
    shop.change(subscription, items=[{"id": item(subscription), "price": shop.price(9900)}])
    shop.post("/v1/billing_portal/sessions", customer=customer)
    shop.post("/v1/setup_intents", customer=customer)
    shop.post("/v1/webhook_endpoints", url="https://app.example", enabled_events=["*"])
    lines = [{"price": shop.price(100), "quantity": "1"}]
    shop.post(
        "/v1/checkout/sessions", mode="subscription", line_items=lines, success_url="https://x", customer=customer
    )
    shop.post("/v1/subscription_schedules", from_subscription=subscription["id"])
    charge = shop.get("/v1/charges", customer=customer)["data"][0]["id"]
    shop.post("/v1/refunds", charge=charge, amount="100")
    shop.double.dispute(charge)
    return [shop.double.find(each) for each in list(shop.double.world.store.objects)]


class TestObjects:
    def test_every_member_is_one_that_the_client_documents(self, everything):
        unknown = {
            (each["object"], name) for each in everything for name in set(each) - members(each["object"]) - {"object"}
        }
        allowed = {("invoiceitem", "created"), ("refund", "livemode")}
        assert unknown - allowed == set()
        assert len({each["object"] for each in everything}) >= 22

    def test_lines_too(self, everything):
        lines = [line for each in everything if each["object"] == "invoice" for line in each["lines"]["data"]]
        known = set(inspect.get_annotations(stripe.InvoiceLineItem))
        assert lines
        assert {name for line in lines for name in set(line) - known - {"object"}} == set()

    def test_every_event_is_of_a_type_that_the_client_knows(self, shop, everything):
        shop.go(70 * DAY)
        known = set(re.findall(r"'([a-z_.0-9]+)'", str(inspect.get_annotations(stripe.Event)["type"])))
        assert len(shop.heard()) > 50
        assert {each["type"] for each in shop.get("/v1/events", limit="100")["data"]} <= known

    def test_it_speaks_the_version_that_the_client_pins(self):
        assert stripe.api_version == API_VERSION


ROUTE_MODULES = {
    "/v1/customers/{}/tax_ids": "_customer_tax_id",
    "/v1/customers/{}/payment_methods": "_customer_payment_method",
    "/v1/customers/{}/payment_methods/{}": "_customer_payment_method",
    "/v1/customers/{}/balance_transactions": "_customer_balance_transaction",
    "/v1/invoices/{}/lines": "_invoice_line_item",
    "/v1/invoiceitems": "_invoice_item",
    "/v1/invoiceitems/{}": "_invoice_item",
    "/v1/checkout/sessions/{}/line_items": "checkout._session_line_item",
}


class TestParameters:
    @pytest.mark.parametrize("route", engine.ROUTES, ids=lambda route: f"{route.method} {route.path}")
    def test_every_parameter_is_one_that_the_client_sends(self, route):
        taken = declared(route.takes)
        known = params_of(route)
        if not taken:
            return
        assert known is not None, f"no parameters of {route.method} {route.path} in the client"
        assert taken - known == set()


def declared(takes: Any, path: str = "") -> set[str]:
    """The dotted names of all declared parameters; lists are transparent."""
    if isinstance(takes, Need):
        return declared(takes.kind, path)
    if isinstance(takes, Either):
        return declared(takes.nested, path)
    if isinstance(takes, list):
        return declared(takes[0], path)
    if not isinstance(takes, dict):
        return set()
    names = {f"{path}{name}" for name in takes}
    return names.union(*(declared(kind, f"{path}{name}.") for name, kind in takes.items()))


def params_of(route) -> set[str] | None:
    """The dotted names that the client's type of this call's parameters has."""
    found = [(module, name) for module in modules(route) for name in classes_of(module) if fits(name, route)]
    if not found:
        return None
    return set().union(*(names(module, getattr(module, name)) for module, name in found))


def modules(route) -> list[ModuleType]:
    stem = ROUTE_MODULES.get(route.path) or stem_of(route.path)
    place, _, name = stem.rpartition(".")
    package = f"stripe.params.{place}" if place else "stripe.params"
    found = []
    for verb in verbs(route):
        try:
            found.append(importlib.import_module(f"{package}.{name}_{verb}_params"))
        except ModuleNotFoundError:
            continue
    return found


def stem_of(path: str) -> str:
    parts = [each for each in path.removeprefix("/v1/").split("/") if each != "{}"]
    nouns = [each for each in parts if each.endswith("s") or each in ("billing", "checkout", "billing_portal")]
    nouns = nouns or parts
    *place, noun = nouns[:2] if nouns[0] in ("billing", "checkout", "billing_portal", "test_helpers") else nouns[:1]
    singular = {"event_summaries": "meter"}.get(noun, re.sub(r"s$", "", noun))
    return ".".join([*place, f"_{singular}"])


def verbs(route) -> list[str]:
    last = route.path.rsplit("/", 1)[-1]
    own = {
        "finalize": "finalize_invoice",
        "void": "void_invoice",
        "event_summaries": "list_event_summaries",
        "line_items": "list_line_items",
    }
    if last in own:
        return [own[last], "list"]
    if last == "{}":
        return {"GET": ["retrieve"], "POST": ["update", "modify"], "DELETE": ["delete", "cancel"]}[route.method]
    if last.rstrip("s") == last or last in ("search", "create_preview"):
        return [last]
    return ["list"] if route.method == "GET" else ["create"]


def classes_of(module: ModuleType) -> list[str]:
    return [name for name, each in vars(module).items() if inspect.isclass(each) and name.endswith("Params")]


def fits(name: str, _: Any) -> bool:
    return name.endswith("Params")


def names(module: ModuleType, of: type, path: str = "") -> set[str]:
    found: set[str] = set()
    for name, annotation in of.__annotations__.items():
        found.add(f"{path}{name}")
        for nested in re.findall(r"\b[A-Z]\w*Params\w+", str(annotation)):
            if hasattr(module, nested):
                found |= names(module, getattr(module, nested), f"{path}{name}.")
    return found
