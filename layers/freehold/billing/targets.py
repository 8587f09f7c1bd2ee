"""What a subscription is to become: from how it is and what is wished for. Pure; nobody is asked.

A subscription is a dict in the shape of Stripe's. What a wish leaves as it is keeps its price, also one that is not sold
any more: a change of one thing never moves another to a new price.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.billing.models import Effective, Wish
from freehold.billing.plans import Bought, Catalog, Plan
from freehold.billing.prices import ADD_ON, SEAT, USAGE, Interval, Price
from freehold.errors import InvalidInput

type Dict = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One item of a subscription: `price` is a lookup key, or the id of the price that it keeps."""

    component: str
    price: str
    kept: bool
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the subscription is to be made of, and from when on."""

    plan: str
    interval: Interval
    add_ons: tuple[str, ...]
    parts: tuple[Part, ...]
    effective: Effective

    @property
    def lookup_keys(self) -> list[str]:
        """Of the prices whose ids have to be found."""
        return [part.price for part in self.parts if not part.kept]


def bought(catalog: Catalog, subscription: Dict) -> Bought | None:
    """What a subscription is for, if it names a plan of ours."""
    return catalog.plan_of([item["price"]["metadata"] for item in items(subscription)])


def items(subscription: Dict) -> list[dict[str, Any]]:
    """Its items."""
    found: list[dict[str, Any]] = subscription["items"]["data"]
    return found


def first(catalog: Catalog, wish: Wish, *, members: int) -> Target:
    """What a tenant without a subscription wishes for. Raises InvalidInput."""
    if wish.plan is None:
        raise InvalidInput("Name the plan: GET /v1/plans lists them.")
    plan, interval, add_ons = _plan(catalog, wish.plan), wish.interval or "month", wish.add_ons or ()
    prices = _prices(catalog, plan, interval, add_ons)
    seats = wish.seats or max(1, members)
    return Target(
        plan=plan.id,
        interval=interval,
        add_ons=add_ons,
        parts=tuple(_new(price, seats) for price in prices),
        effective="now",
    )


def changed(catalog: Catalog, subscription: Dict, wish: Wish) -> Target:
    """What a subscriber wishes for. Raises InvalidInput."""
    now = bought(catalog, subscription)
    if now is None:
        raise InvalidInput("Your subscription is an arrangement of its own. Write to us to change it.")
    plan = _plan(catalog, wish.plan) if wish.plan and wish.plan != now.plan.id else now.plan
    interval = wish.interval or now.interval
    add_ons = now.add_ons if wish.add_ons is None else wish.add_ons
    seats = wish.seats or _seats(catalog, subscription)
    held = {item["price"]["metadata"]["freehold_component"]: item for item in items(subscription)}
    same = {
        component: item
        for component, item in held.items()
        if (sold := catalog.price_of(item["price"]["metadata"]))
        and sold.interval == interval
        and sold.plan in (None, plan.id)
    }
    wanted = _components(catalog, plan, interval, add_ons, same)
    parts = tuple(_kept(same[c], seats) if c in same else _new(price, seats) for c, price in wanted.items())
    return Target(
        plan=plan.id,
        interval=interval,
        add_ons=add_ons,
        parts=parts,
        effective=_effective(now, plan, interval, add_ons, seats - _seats(catalog, subscription), subscription),
    )


def _effective(  # noqa: PLR0913, PLR0917 (what is compared)
    now: Bought, plan: Plan, interval: Interval, add_ons: tuple[str, ...], more_seats: int, subscription: Dict
) -> Effective:
    """More begins now and is paid now; less begins when what is paid for is over. In a trial nothing is paid for."""
    if subscription["status"] == "trialing" or interval != now.interval or plan.rank > now.plan.rank:
        return "now"
    if plan.rank < now.plan.rank:
        return "period_end"
    is_more = set(add_ons) - set(now.add_ons) or more_seats > 0
    is_less = set(now.add_ons) - set(add_ons) or more_seats < 0
    return "period_end" if is_less and not is_more else "now"


def _plan(catalog: Catalog, name: str) -> Plan:
    plan = catalog.plans.get(name)
    if plan is None or plan.retired or not plan.prices:
        sold = ", ".join(each.id for each in catalog.plans.values() if each.prices and not each.retired)
        raise InvalidInput(f"There is no plan {name} to be bought. There are: {sold}.")
    return plan


def _prices(catalog: Catalog, plan: Plan, interval: Interval, add_ons: tuple[str, ...]) -> tuple[Price, ...]:
    if interval not in plan.prices:
        raise InvalidInput(f"The plan {plan.id} is not sold by the {interval}.")
    return (*plan.prices[interval], *(_add_on(catalog, plan, interval, each) for each in add_ons))


def _add_on(catalog: Catalog, plan: Plan, interval: Interval, name: str) -> Price:
    add_on = catalog.add_ons.get(name)
    if add_on is None or plan.id not in add_on.plans or interval not in add_on.prices:
        raise InvalidInput(f"There is no add-on {name} for the plan {plan.id} by the {interval}.")
    return add_on.prices[interval]


def _components(
    catalog: Catalog, plan: Plan, interval: Interval, add_ons: tuple[str, ...], same: Dict
) -> dict[str, Price]:
    """The parts by name. What a retired plan is made of is what the subscription has of it."""
    if len(set(add_ons)) < len(add_ons):
        raise InvalidInput("An add-on can be bought once.")
    prices = (*plan.prices.get(interval, ()), *(_add_on(catalog, plan, interval, each) for each in add_ons))
    found = {price.component: price for price in prices}
    if not plan.prices.get(interval) and not any(not each.startswith(ADD_ON) for each in same):
        raise InvalidInput(f"The plan {plan.id} is not sold by the {interval}.")
    return found


def _new(price: Price, seats: int) -> Part:
    return Part(
        component=price.component, price=price.lookup_key, kept=False, quantity=_quantity(price.component, seats)
    )


def _kept(item: Dict, seats: int) -> Part:
    component = item["price"]["metadata"]["freehold_component"]
    return Part(component=component, price=item["price"]["id"], kept=True, quantity=_quantity(component, seats))


def _quantity(component: str, seats: int) -> int | None:
    """A base fee and an add-on are one; what is used is not said beforehand."""
    if component.startswith(USAGE):
        return None
    return seats if component == SEAT else 1


def _seats(catalog: Catalog, subscription: Dict) -> int:
    for item in items(subscription):
        sold = catalog.price_of(item["price"]["metadata"])
        if sold and sold.component == SEAT:
            return int(item["quantity"])
    return 1
