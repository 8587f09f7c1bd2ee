"""Customers: who pays, with which address, balance and default payment method."""

from typing import Any

from local.stripe_double import clocks, endings, payment_methods
from local.stripe_double.expansion import EXTRAS
from local.stripe_double.listing import embedded, page
from local.stripe_double.params import FREE, METADATA, Given, Need, merged
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import Route, listing
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/customers"

_FIELDS: dict[str, Any] = {
    "address": FREE,
    "balance": int,
    "business_name": str,
    "description": str,
    "email": str,
    "individual_name": str,
    "invoice_prefix": str,
    "invoice_settings": {
        "default_payment_method": str,
        "custom_fields": [FREE],
        "footer": str,
        "rendering_options": FREE,
    },
    "metadata": METADATA,
    "name": str,
    "next_invoice_sequence": int,
    "phone": str,
    "preferred_locales": [str],
    "shipping": FREE,
    "tax": FREE,
    "tax_exempt": str,
}
_NEW: dict[str, Any] = {
    "payment_method": str,
    "test_clock": str,
    "tax_id_data": [{"type": Need(str), "value": Need(str)}],
}


def create(world: World, given: Given) -> Obj:
    """With a payment method, that one is attached; with a test clock, the customer lives by it."""
    if clock := given.get("test_clock"):
        clocks.admit(world, clock)
    elif world.settings.own_clocks:
        clock = clocks.going(world)
    tax_ids = given.get("tax_id_data") or []
    customer = world.make("customer", "cus", **(_blank() | _clean(given)), test_clock=clock)
    customer["created"] = world.now(customer["id"])
    for each in tax_ids:
        _add_tax_id(world, customer, each)
    world.announce("customer.created", customer)
    if given.get("payment_method"):
        payment_methods.attach(world, {"customer": customer["id"]}, given["payment_method"])
    if (given.get("invoice_settings") or {}).get("default_payment_method"):
        _check_default(world, customer)
    return world.render(customer)


def update(world: World, given: Given, wanted: str) -> Obj:
    """Only what is given changes."""
    customer = world.customer(wanted)
    fields = _clean(given)
    if "metadata" in given:
        fields["metadata"] = merged(customer["metadata"], given["metadata"])
    if "invoice_settings" in fields:
        fields["invoice_settings"] = customer["invoice_settings"] | fields["invoice_settings"]
    with world.changing(customer):
        customer.update(fields)
        _check_default(world, customer)
    return world.render(customer)


def delete(world: World, _: Given, wanted: str) -> Obj:
    """Its subscriptions end at once."""
    customer = world.customer(wanted)
    for each in world.store.all("subscription", wanted):
        if each["status"] not in ("canceled", "incomplete_expired"):
            endings.end(world, each)
    world.announce("customer.deleted", customer)
    kept = {name: customer[name] for name in ("id", "object", "created", "livemode", "test_clock", "metadata", "email")}
    customer.clear()
    customer.update(kept | {"deleted": True})
    return _gone(customer)


def retrieve(world: World, _: Given, wanted: str) -> Obj:
    """A deleted one answers that it is."""
    customer = world.store.get("customer", wanted)
    return _gone(customer) if customer.get("deleted") else world.render(customer)


def search(world: World, given: Given) -> Obj:
    """By clauses `metadata['name']:'value'` or `email:'value'`, joined by AND."""
    wanted = [_clause(each) for each in given["query"].split(" AND ")]
    found = [
        each
        for each in reversed(world.store.all("customer"))
        if not each.get("deleted") and all(_says(each, name) == value for name, value in wanted)
    ]
    shown = page(found, {"limit": given.get("limit")}, url=f"{PATH}/search", render=world.render)
    return shown | {"object": "search_result", "next_page": None}


def _clause(text: str) -> tuple[str, str]:
    name, colon, value = text.strip().partition(":")
    if not colon:
        raise invalid(f"We were unable to parse your search query: {text}", param="query")
    return name.removeprefix("metadata[").removesuffix("]").strip("'\""), value.strip("'\"")


def _says(customer: Obj, name: str) -> object:
    return customer["email"] if name == "email" else customer["metadata"].get(name)


def _clean(given: Given) -> Given:
    fields = {name: value for name, value in given.items() if name in _FIELDS}
    if "metadata" in fields:
        fields["metadata"] = merged({}, fields["metadata"])
    if "invoice_settings" in fields:
        fields["invoice_settings"] = _blank()["invoice_settings"] | (fields["invoice_settings"] or {})
    if fields.get("balance", 0) is None:
        fields["balance"] = 0
    return fields


def _check_default(world: World, customer: Obj) -> None:
    method = customer["invoice_settings"]["default_payment_method"]
    if method and world.store.get("payment_method", method)["customer"] != customer["id"]:
        raise invalid(
            f"The customer does not have a payment method with the ID {method}. The payment method must be attached to "
            "the customer.",
            param="invoice_settings[default_payment_method]",
            code="resource_missing",
        )


def _blank() -> Obj:
    return {
        "address": None,
        "balance": 0,
        "business_name": None,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "individual_name": None,
        "invoice_prefix": None,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
    }


def _gone(customer: Obj) -> Obj:
    return {"id": customer["id"], "object": "customer", "deleted": True}


def _add_tax_id(world: World, customer: Obj, given: Given) -> Obj:
    taxed = world.make(
        "tax_id",
        "txi",
        customer=customer["id"],
        country=None,
        type=given["type"],
        value=given["value"],
        verification={"status": "pending", "verified_address": None, "verified_name": None},
    )
    world.announce("customer.tax_id.created", taxed)
    return taxed


def _create_tax_id(world: World, given: Given, wanted: str) -> Obj:
    return world.render(_add_tax_id(world, world.customer(wanted), given))


def tax_ids(world: World, customer: Obj) -> Obj:
    """All of a customer's."""
    found = [world.render(each) for each in world.store.all("tax_id", customer["id"])]
    return embedded(found, f"{PATH}/{customer['id']}/tax_ids")


def _list_tax_ids(world: World, _: Given, wanted: str) -> Obj:
    return tax_ids(world, world.customer(wanted))


def _subscriptions(world: World, customer: Obj) -> Obj:
    running = [each for each in world.store.all("subscription", customer["id"]) if each["status"] != "canceled"]
    return embedded([world.render(each) for each in reversed(running)], f"{PATH}/{customer['id']}/subscriptions")


EXTRAS["customer", "tax_ids"] = tax_ids
EXTRAS["customer", "subscriptions"] = _subscriptions

ROUTES = [
    Route("POST", PATH, create, _FIELDS | _NEW),
    listing("customer", PATH, email=str, test_clock=str),
    Route("GET", f"{PATH}/search", search, {"query": Need(str), "limit": int, "page": str}),
    Route("GET", f"{PATH}/{{}}", retrieve),
    Route("POST", f"{PATH}/{{}}", update, _FIELDS),
    Route("DELETE", f"{PATH}/{{}}", delete),
    Route("GET", f"{PATH}/{{}}/tax_ids", _list_tax_ids),
    Route("POST", f"{PATH}/{{}}/tax_ids", _create_tax_id, {"type": Need(str), "value": Need(str)}),
]
