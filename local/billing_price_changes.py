"""What becomes of prices, which cannot be changed at Stripe.

Another amount is another price, which takes over the lookup key. The one before is archived: that ends its sale and
nothing else, so that who pays by it goes on paying by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from freehold.billing.plans import Catalog
from freehold.billing.prices import Price, Tier, words
from local.billing_changes import Change, Holdings, Remote, is_ours

type Place = tuple[str, str, str]
"""The plan, the component and the interval that a price is for."""


def price_changes(catalog: Catalog, held: Holdings) -> Iterator[Change]:
    """For each price of the catalog one that is sold by its lookup key; and no other of ours is sold."""
    places, events = _places(held), _events(held)
    for price in catalog.prices:
        yield from _price(price, places.pop(_place(price.metadata), []), events)
    for there in places.values():
        for each in there:
            if each["active"]:
                yield _archived(each, "is not in the catalog")


def price_doubts(catalog: Catalog, held: Holdings) -> Iterator[str]:
    """What nobody but a person can decide."""
    places, keys = _places(held), {each["lookup_key"]: each for each in held.prices if each.get("lookup_key")}
    for price in catalog.prices:
        holder = keys.get(price.lookup_key)
        if holder and _place(holder.get("metadata") or {}) != _place(price.metadata):
            says = "which is for something else by its metadata: take the key or the metadata away."
            yield f"The lookup key {price.lookup_key} leads to {holder['id']}, {says}"
        sold = [each for each in places.get(_place(price.metadata), []) if each["active"]]
        if len(sold) > 1 and (holder not in sold or _any_alike(sold, _events(held))):
            ids = " and ".join(each["id"] for each in sold)
            yield f"Both {ids} say that they are the price {price.lookup_key}: archive all but one."


def currencies_left(catalog: Catalog, held: Holdings) -> list[str]:
    """In which something of ours is sold so far, and will not be any more."""
    return sorted({each["currency"] for each in held.prices if is_ours(each) and each["active"]} - {catalog.currency})


def price_params(price: Price) -> dict[str, Any]:
    """As Stripe takes them to make it, but that the meter is named by its event name."""
    recurring = {"interval": price.interval, "usage_type": "metered" if price.meter else "licensed"}
    return {
        "product": price.product_id,
        "currency": price.currency,
        "recurring": recurring | ({"meter": f"freehold_{price.meter}"} if price.meter else {}),
        "lookup_key": price.lookup_key,
        "transfer_lookup_key": True,
        "metadata": price.metadata,
        **_amounts(price),
    }


def _amounts(price: Price) -> dict[str, Any]:
    if price.amount is not None:
        return {"unit_amount": price.amount}
    tiers = [{"up_to": tier.up_to or "inf", "unit_amount_decimal": f"{tier.amount:f}"} for tier in price.tiers]
    return {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers}


def _place(metadata: Mapping[str, str]) -> Place:
    plan, component, interval = (metadata.get(f"freehold_{key}", "") for key in ("plan", "component", "interval"))
    return plan, component, interval


def _places(held: Holdings) -> dict[Place, list[Remote]]:
    places: dict[Place, list[Remote]] = {}
    for each in held.prices:
        if is_ours(each):
            places.setdefault(_place(each["metadata"]), []).append(each)
    return places


def _events(held: Holdings) -> dict[str, str]:
    """The event name of each meter by its id."""
    return {meter["id"]: meter["event_name"] for meter in held.meters}


def _price(price: Price, there: Sequence[Remote], events: Mapping[str, str]) -> Iterator[Change]:
    holder = next((each for each in there if each.get("lookup_key") == price.lookup_key), None)
    present = holder or next((each for each in there if each["active"]), None)
    fits = present is not None and _costs(present, events) == _costs(price_params(price), {})
    if present is None or not fits:
        yield _new(price, present, there)
    elif present is holder and present["active"]:
        yield Change(verb="keep", thing="price", name=price.lookup_key, says=str(price), target=present["id"])
    else:
        yield _restored(price, present)
    for each in there:
        if each["active"] and not (fits and each is present):
            yield _archived(each, "is replaced")


def _new(price: Price, present: Remote | None, there: Sequence[Remote]) -> Change:
    says = f"{_said(present)} becomes {price}; existing subscribers keep {_said(present)}" if present else str(price)
    return Change(
        verb="replace" if present else "create",
        thing="price",
        name=price.lookup_key,
        says=says,
        params=price_params(price),
        after=tuple(sorted(each["id"] for each in there)),
    )


def _restored(price: Price, present: Remote) -> Change:
    params = {"active": True, "lookup_key": price.lookup_key, "transfer_lookup_key": True}
    says = f"{price} again"
    return Change(verb="restore", thing="price", name=price.lookup_key, says=says, target=present["id"], params=params)


def _archived(each: Remote, why: str) -> Change:
    says = f"{_said(each)} {why}; existing subscribers keep it"
    name = each.get("lookup_key") or each["id"]
    return Change(verb="archive", thing="price", name=name, says=says, target=each["id"], params={"active": False})


def _any_alike(prices: Sequence[Remote], events: Mapping[str, str]) -> bool:
    costs = [_costs(each, events) for each in prices]
    return any(costs.count(each) > 1 for each in costs)


def _costs(price: Remote, events: Mapping[str, str]) -> tuple[object, ...]:
    """All that a subscriber pays by, of a price as Stripe shows it or as it is made."""
    recurring = price.get("recurring") or {}
    meter = recurring.get("meter") or ""
    return (
        price["product"],
        price["currency"],
        recurring.get("interval"),
        recurring.get("interval_count", 1),
        recurring.get("usage_type"),
        events.get(meter, meter),
        price.get("tiers_mode"),
        _each(price),
        tuple(
            (None if tier["up_to"] == "inf" else tier["up_to"], _each(tier), tier.get("flat_amount") or 0)
            for tier in price.get("tiers") or ()
        ),
    )


def _each(priced: Remote) -> Decimal | None:
    amount = priced.get("unit_amount_decimal")
    amount = priced.get("unit_amount") if amount is None else amount
    return None if amount is None else Decimal(str(amount))


def _said(price: Remote) -> str:
    """`49.00 USD a month`, of a price as Stripe shows it."""
    tiers = [Tier(up_to=each.get("up_to"), amount=_each(each) or Decimal(0)) for each in price.get("tiers") or (price,)]
    recurring = price.get("recurring") or {}
    metered = recurring.get("usage_type") == "metered"
    return words(tiers, price["currency"], recurring.get("interval", "time"), metered=metered)
