"""The items of a subscription: one price each, its quantity, the period it is in, and what was charged for that."""

from dataclasses import asdict
from decimal import Decimal

from local.stripe_double import currencies, periods, prices, pricing
from local.stripe_double.listing import embedded
from local.stripe_double.params import Given, merged
from local.stripe_double.prorations import Debit
from local.stripe_double.refusals import invalid
from local.stripe_double.store import Obj
from local.stripe_double.world import World

_MOST = 20


def of(world: World, subscription: Obj) -> list[Obj]:
    """The items as they are kept."""
    return [world.store.objects[each] for each in subscription["_items"]]


def add(world: World, subscription: Obj, given: Given, *, at: str) -> Obj:
    """A new item, without a period yet; `at` is the parameter to name in a refusal."""
    price = currencies.view(prices.usable(world, given.get("price"), f"{at}[price]"), subscription["currency"])
    _check(world, subscription, price, at)
    if prices.metered(price) and given.get("quantity") is not None:
        raise invalid("You cannot set the quantity for metered plans.", param=f"{at}[quantity]")
    item = world.make(
        "subscription_item",
        "si",
        _customer=subscription["customer"],
        billed_until=None,
        billing_thresholds=None,
        current_trial=None,
        current_period_end=None,
        current_period_start=None,
        discounts=[],
        metadata=merged({}, given.get("metadata")),
        quantity=None if prices.metered(price) else _quantity(given, at),
        subscription=subscription["id"],
        tax_rates=[],
        _currency=price["currency"],
        _price=price["id"],
        _debits=[],
        _usage_from=world.now(subscription["customer"]),
    )
    subscription["_items"] = [*subscription["_items"], item["id"]]
    return item


def change(world: World, subscription: Obj, item: Obj, given: Given, *, at: str) -> None:
    """Another price, quantity or metadata of an item."""
    if given.get("price"):
        kept = given["price"] == item["_price"]
        price = price_of(world, item) if kept else prices.usable(world, given["price"], f"{at}[price]")
        price = currencies.view(price, item["_currency"])
        _check(world, subscription, price, at, besides=item)
        if _rhythm(price) != _rhythm(price_of(world, item)):
            item["current_period_end"] = None
        item["_price"] = price["id"]
        if prices.metered(price):
            item["quantity"] = None
        elif item["quantity"] is None:
            item["quantity"] = 1
    if given.get("quantity") is not None:
        if prices.metered(price_of(world, item)):
            raise invalid("You cannot set the quantity for metered plans.", param=f"{at}[quantity]")
        item["quantity"] = _quantity(given, at)
    if "metadata" in given:
        item["metadata"] = merged(item["metadata"], given["metadata"])


def begin(world: World, item: Obj, *, anchor: int, start: int) -> None:
    """The period that starts or runs at a moment, by the anchor."""
    recurring = price_of(world, item)["recurring"]
    item["current_period_start"] = start
    item["current_period_end"] = periods.end_of(anchor, recurring["interval"], recurring["interval_count"], start)


def full_period(world: World, item: Obj, anchor: int) -> tuple[int, int]:
    """The whole period that the item's current one is (perhaps the end of)."""
    recurring = price_of(world, item)["recurring"]
    end = periods.end_of(anchor, recurring["interval"], recurring["interval_count"], item["current_period_start"])
    return _start_of(anchor, recurring, end), end


def _start_of(anchor: int, recurring: Obj, end: int) -> int:
    times = 0
    while periods.step(anchor, recurring["interval"], recurring["interval_count"], times) < end:
        times += 1
    while periods.step(anchor, recurring["interval"], recurring["interval_count"], times) > end:
        times -= 1
    return periods.step(anchor, recurring["interval"], recurring["interval_count"], times - 1)


def price_of(world: World, item: Obj) -> Obj:
    """The price as it is in the item's currency."""
    return currencies.view(world.store.objects[item["_price"]], item["_currency"])


def cost(world: World, item: Obj) -> int:
    """Of one whole period, before discounts; nothing for a metered price."""
    price = price_of(world, item)
    return 0 if prices.metered(price) else pricing.cost(price, Decimal(item["quantity"]))


def debits(item: Obj) -> list[Debit]:
    """What was charged for the current period."""
    return [Debit(**each) for each in item["_debits"]]


def keep_debits(item: Obj, charged: list[Debit]) -> None:
    """Replace what was charged."""
    item["_debits"] = [asdict(each) for each in charged]


def intervals(world: World, subscription: Obj) -> set[tuple[str, int]]:
    """The rhythms in which the subscription bills."""
    return {_rhythm(price_of(world, each)) for each in of(world, subscription)}


def _rhythm(price: Obj) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def shape(world: World, shown: Obj) -> Obj:
    """An item carries its price, and the plan that older readers look for."""
    price = world.store.objects[world.store.objects[shown["id"]]["_price"]]
    del shown["livemode"]
    if shown["quantity"] is None:
        del shown["quantity"]
    return shown | {"price": world.render(price), "plan": _plan(price)}


def listed(world: World, shown: Obj) -> Obj:
    """A subscription carries its items."""
    kept = world.store.objects[shown["id"]]
    found = [world.render(each) for each in of(world, kept)]
    return shown | {"items": embedded(found, f"/v1/subscription_items?subscription={shown['id']}")}


def _plan(price: Obj) -> Obj:
    recurring = price["recurring"]
    names = ("active", "billing_scheme", "created", "currency", "id", "livemode", "nickname", "product", "tiers_mode")
    return {name: price[name] for name in names} | {
        "object": "plan",
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "metadata": dict(price["metadata"]),
        "meter": recurring["meter"],
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }


def _quantity(given: Given, at: str) -> int:
    quantity = 1 if given.get("quantity") is None else int(given["quantity"])
    if quantity < 0:
        raise invalid("Invalid non-negative integer", param=f"{at}[quantity]", code="parameter_invalid_integer")
    return quantity


def _check(world: World, subscription: Obj, price: Obj, at: str, besides: Obj | None = None) -> None:
    others = [each for each in of(world, subscription) if each is not besides]
    if len(others) >= _MOST:
        raise invalid(f"A subscription may have at most {_MOST} items.", param="items")
    if any(each["_price"] == price["id"] for each in others):
        raise invalid(
            f"Cannot add multiple subscription items with the same price: {price['id']}.", param=f"{at}[price]"
        )
