"""What Stripe lacks of the plan catalog: two descriptions compared, without asking anybody."""

from collections.abc import Iterator, Mapping
from typing import Any

from freehold.billing.plans import AddOn, Catalog, Meter, Plan
from local.billing_changes import Change, Holdings, Remote, is_ours
from local.billing_price_changes import price_changes, price_doubts
from local.errors import LocalError

FORMULA = "sum"
"""What is reported are the totals of hours, whatever they count."""


def difference(catalog: Catalog, held: Holdings) -> list[Change]:
    """In an order in which it can be done. Raises LocalError with a sentence for each thing that is not clear."""
    doubts = [*_meter_doubts(catalog, held), *_product_doubts(catalog, held), *price_doubts(catalog, held)]
    if doubts:
        raise LocalError("\n".join(["Stripe holds what this cannot decide about:", *doubts]))
    return [*_meters(catalog, held), *_products(catalog, held), *price_changes(catalog, held), *_unsold(catalog, held)]


def _meters(catalog: Catalog, held: Holdings) -> Iterator[Change]:
    known = _by_event(held)
    for meter in catalog.meters.values():
        yield from _meter(meter, known.pop(meter.event_name, None))
    for name in sorted(each for each in known if each.startswith("freehold_")):
        says = "is not in the catalog; who pays by it goes on doing so"
        yield Change(verb="leave", thing="meter", name=name, says=says)


def _by_event(held: Holdings) -> dict[str, Remote]:
    """The active meter of a name, where there is one."""
    return {meter["event_name"]: meter for meter in sorted(held.meters, key=lambda each: each["status"] == "active")}


def _meter(meter: Meter, found: Remote | None) -> Iterator[Change]:
    name = meter.event_name
    if found is None:
        yield Change(verb="create", thing="meter", name=name, says=f'"{meter.name}"', params=_meter_params(meter))
        return
    if found["status"] != "active":
        yield Change(verb="restore", thing="meter", name=name, says="counts again", target=found["id"])
    if found["display_name"] != meter.name:
        says = f'name: "{found["display_name"]}" becomes "{meter.name}"'
        params = {"display_name": meter.name}
        yield Change(verb="change", thing="meter", name=name, says=says, target=found["id"], params=params)
    elif found["status"] == "active":
        yield Change(verb="keep", thing="meter", name=name, says=f'"{meter.name}"')


def _meter_params(meter: Meter) -> dict[str, Any]:
    return {
        "event_name": meter.event_name,
        "display_name": meter.name,
        "default_aggregation": {"formula": FORMULA},
        "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
        "value_settings": {"event_payload_key": "value"},
    }


def _meter_doubts(catalog: Catalog, held: Holdings) -> Iterator[str]:
    known = _by_event(held)
    for meter in catalog.meters.values():
        formula = known.get(meter.event_name, {}).get("default_aggregation", {}).get("formula", FORMULA)
        if formula != FORMULA:
            says = f"goes by {formula}, and it must be {FORMULA}, which no meter can change to: give it another name."
            yield f"The meter {meter.event_name} {says}"


def _products(catalog: Catalog, held: Holdings) -> Iterator[Change]:
    known, sold = _by_id(held), {price.product_id for price in catalog.prices}
    for product, wanted in _wanted(catalog).items():
        if product in sold:
            yield _product(product, wanted, known.get(product))


def _by_id(held: Holdings) -> dict[str, Remote]:
    return {product["id"]: product for product in held.products}


def _wanted(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """What each product is to be like, by its id."""
    plans = {f"fh_{each.id}": _described(each, "freehold_plan") for each in catalog.plans.values()}
    return plans | {f"fh_add_on_{each.id}": _described(each, "freehold_add_on") for each in catalog.add_ons.values()}


def _described(each: Plan | AddOn, key: str) -> dict[str, Any]:
    return {"name": each.name, "description": each.description, "metadata": {key: each.id}}


def _product(product: str, wanted: Mapping[str, Any], found: Remote | None) -> Change:
    shown = f'"{wanted["name"]}"'
    if found is None:
        return Change(verb="create", thing="product", name=product, says=shown, params={"id": product, **wanted})
    differs = {key: wanted[key] for key in ("name", "description") if (found.get(key) or "") != wanted[key]}
    if not found["active"]:
        params = {**differs, "active": True}
        return Change(
            verb="restore", thing="product", name=product, says=f"{shown} again", target=product, params=params
        )
    if not differs:
        return Change(verb="keep", thing="product", name=product, says=shown)
    says = "; ".join(f'{key}: "{found.get(key) or ""}" becomes "{value}"' for key, value in differs.items())
    return Change(verb="change", thing="product", name=product, says=says, target=product, params=differs)


def _product_doubts(catalog: Catalog, held: Holdings) -> Iterator[str]:
    known = _by_id(held)
    for product, wanted in _wanted(catalog).items():
        if product in known and dict(known[product].get("metadata") or {}).items().isdisjoint(
            wanted["metadata"].items()
        ):
            yield f"The product {product} was made by somebody else: its metadata lacks {wanted['metadata']}."


def _unsold(catalog: Catalog, held: Holdings) -> Iterator[Change]:
    """Products of ours that nothing is sold of any more."""
    sold = {price.product_id for price in catalog.prices}
    for product in held.products:
        if is_ours(product) and product["active"] and product["id"] not in sold:
            name, params = product["id"], {"active": False}
            says = f'"{product["name"]}"; its subscribers keep it'
            yield Change(verb="archive", thing="product", name=name, says=says, target=name, params=params)
