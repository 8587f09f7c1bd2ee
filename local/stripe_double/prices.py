"""Prices: what a product costs, how often, and by which meter."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from local.stripe_double import currencies, products
from local.stripe_double.expansion import EXTRAS
from local.stripe_double.listing import PAGING, page, within
from local.stripe_double.params import FREE, METADATA, Given, Need, merged
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import CREATED, Route, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/prices"
_MOST_KEYS = 10

_RECURRING: dict[str, Any] = {
    "interval": Need(str),
    "interval_count": int,
    "meter": str,
    "usage_type": str,
    "trial_period_days": int,
}
_CHANGES: dict[str, Any] = {
    "active": bool,
    "currency_options": FREE,
    "lookup_key": str,
    "metadata": METADATA,
    "nickname": str,
    "tax_behavior": str,
    "transfer_lookup_key": bool,
}
_NEW: dict[str, Any] = _CHANGES | {
    "billing_scheme": str,
    "currency": Need(str),
    "product": str,
    "product_data": {"id": str, "name": Need(str), "active": bool, "metadata": METADATA, "unit_label": str},
    "recurring": _RECURRING,
    "tiers": [currencies.TIER],
    "tiers_mode": str,
    "transform_quantity": {"divide_by": Need(int), "round": Need(str)},
    "unit_amount": int,
    "unit_amount_decimal": Decimal,
}


def create(world: World, given: Given) -> Obj:
    """A price never changes its amount afterwards."""
    scheme = given.get("billing_scheme") or "per_unit"
    amounts = _amounts(given, scheme)
    recurring = _recurring(world, given.get("recurring"))
    product = _product(world, given)
    _take_lookup_key(world, given)
    price = world.make(
        "price",
        "price",
        active=given.get("active", True),
        billing_scheme=scheme,
        currency=given["currency"].lower(),
        custom_unit_amount=None,
        lookup_key=given.get("lookup_key"),
        metadata=merged({}, given.get("metadata")),
        nickname=given.get("nickname"),
        product=product["id"],
        recurring=recurring,
        tax_behavior=given.get("tax_behavior") or "unspecified",
        tiers_mode=given.get("tiers_mode") if scheme == "tiered" else None,
        transform_quantity=given.get("transform_quantity"),
        type="recurring" if recurring else "one_time",
        _options=currencies.options(given.get("currency_options")),
        **amounts,
    )
    world.announce("price.created", price)
    return world.render(price)


def update(world: World, given: Given, wanted: str) -> Obj:
    """All but the amount and the interval."""
    price = world.store.get("price", wanted)
    _take_lookup_key(world, given, price)
    fields = {
        name: value for name, value in given.items() if name in ("active", "lookup_key", "nickname", "tax_behavior")
    }
    with world.changing(price):
        price["_options"] = price["_options"] | currencies.options(given.get("currency_options"))
        price.update(fields)
        if "metadata" in given:
            price["metadata"] = merged(price["metadata"], given["metadata"])
    return world.render(price)


def usable(world: World, wanted: str | None, param: str) -> Obj:
    """A price that something new may have: recurring and active."""
    if not wanted:
        raise invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    price = world.store.get("price", wanted, param=param)
    if not price["active"]:
        raise invalid(
            "The price specified is inactive. This field only accepts active prices.",
            param=param,
            code="price_inactive",
        )
    if price["type"] != "recurring":
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            param=param,
        )
    return price


def metered(price: Obj) -> bool:
    """Billed afterwards by usage."""
    return bool(price["recurring"]["usage_type"] == "metered")


def _amounts(given: Given, scheme: str) -> Obj:
    if scheme == "tiered":
        _check_tiers(given)
    elif currencies.either(given, "unit_amount") is None:
        raise invalid("Missing required param: unit_amount.", param="unit_amount", code="parameter_missing")
    elif (currencies.either(given, "unit_amount") or 0) < 0:
        raise invalid("Invalid non-negative integer", param="unit_amount", code="parameter_invalid_integer")
    return currencies.amounts(given)


def _check_tiers(given: Given) -> None:
    tiers = given.get("tiers")
    if not tiers or not given.get("tiers_mode"):
        raise invalid("`tiers` and `tiers_mode` must be set with `billing_scheme=tiered`.", param="tiers")
    if tiers[-1]["up_to"] != "inf":
        raise invalid("The last tier must have `up_to=inf`.", param="tiers")
    bounds = [int(each["up_to"]) for each in tiers[:-1]]
    if bounds != sorted(set(bounds)):
        raise invalid("Tiers must have ascending `up_to` values.", param="tiers")


def _recurring(world: World, given: Given | None) -> Obj | None:
    if not given:
        return None
    if given["interval"] not in ("day", "week", "month", "year"):
        raise invalid(
            "Invalid recurring[interval]: must be one of day, month, week, or year", param="recurring[interval]"
        )
    usage = given.get("usage_type") or "licensed"
    if given.get("meter"):
        world.store.get("billing.meter", given["meter"], param="recurring[meter]")
    if (usage == "metered") != bool(given.get("meter")):
        raise invalid("A metered price is backed by a meter, and only a metered one.", param="recurring[meter]")
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count") or 1,
        "meter": given.get("meter"),
        "trial_period_days": None,
        "usage_type": usage,
    }


def _product(world: World, given: Given) -> Obj:
    if data := given.get("product_data"):
        return products.create(world, data)
    if not given.get("product"):
        raise invalid("Missing required param: product.", param="product", code="parameter_missing")
    return world.store.get("product", given["product"], param="product")


def _take_lookup_key(world: World, given: Given, own: Obj | None = None) -> None:
    key = given.get("lookup_key")
    holders = [each for each in world.store.all("price") if key and each["lookup_key"] == key and each is not own]
    if not holders:
        return
    if not given.get("transfer_lookup_key"):
        raise invalid(
            f"A price (`{holders[0]['id']}`) already uses that lookup key.",
            param="lookup_key",
            code="resource_already_exists",
        )
    for holder in holders:
        with world.changing(holder):
            holder["lookup_key"] = None


def _list(world: World, given: Given) -> Obj:
    keys: Sequence[str] = given.get("lookup_keys") or ()
    if len(keys) > _MOST_KEYS:
        raise invalid(f"You can specify up to {_MOST_KEYS} lookup_keys.", param="lookup_keys")
    recurring = {name: value for name, value in (given.get("recurring") or {}).items() if value is not None}
    plain = {name: given[name] for name in ("active", "currency", "product", "type") if given.get(name) is not None}
    found = [
        each
        for each in reversed(world.store.all("price"))
        if all(each[name] == value for name, value in plain.items())
        and (not keys or each["lookup_key"] in keys)
        and all((each["recurring"] or {}).get(name) == value for name, value in recurring.items())
        and within(each["created"], given.get("created"))
    ]
    return page(found, given, url=PATH, render=world.render)


def _tiers_shown(world: World, price: Obj) -> object:
    return world.store.objects[price["id"]]["_tiers"]


def _currencies_shown(world: World, price: Obj) -> object:
    return currencies.shown(world.store.objects[price["id"]])


EXTRAS["price", "tiers"] = _tiers_shown
EXTRAS["price", "currency_options"] = _currencies_shown

ROUTES = [
    Route("POST", PATH, create, _NEW),
    Route(
        "GET",
        PATH,
        _list,
        PAGING
        | {
            "active": bool,
            "currency": str,
            "product": str,
            "type": str,
            "lookup_keys": [str],
            "recurring": {"interval": str, "usage_type": str, "meter": str},
            "created": CREATED,
        },
    ),
    retrieving("price", PATH),
    Route("POST", f"{PATH}/{{}}", update, _CHANGES),
]
