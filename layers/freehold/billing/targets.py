"""What a subscription is to become: from how it is and what is wished for. Pure; nobody is asked.

What a wish leaves as it is keeps its price, also one that is not sold any more: a change of one thing never moves
another to a new price.
"""

from dataclasses import dataclass

from freehold.billing.allowed import most_seats
from freehold.billing.models import Effective, Wish
from freehold.billing.plans import Bought, Catalog, Plan
from freehold.billing.prices import SEAT, USAGE, Interval, Price
from freehold.billing.queries import Account
from freehold.billing.remote import Item, Subscription
from freehold.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One item of a subscription. `price` is a lookup key; of an item that stays, its price's id."""

    component: str
    price: str
    item: str | None
    """The item that stays or gets another price; None for a new one."""
    stays: bool
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the subscription is to be made of, and from when on."""

    plan: str
    interval: Interval
    add_ons: tuple[str, ...]
    parts: tuple[Part, ...]
    gone: tuple[str, ...]
    """The items that are taken out."""
    effective: Effective
    is_new: bool
    """Whether anything differs from how it is."""
    interval_changes: bool

    @property
    def lookup_keys(self) -> list[str]:
        """Of the prices whose ids have to be found."""
        return [part.price for part in self.parts if not part.stays]


def first(catalog: Catalog, wish: Wish, account: Account) -> Target:
    """What a tenant without a subscription wishes for. Raises InvalidInput."""
    if wish.plan is None:
        raise InvalidInput("Name the plan: GET /v1/plans lists them.")
    plan, interval, add_ons = _sold(catalog, wish.plan), wish.interval or "month", _once(wish.add_ons or ())
    prices = (*_of_plan(plan, interval), *(_add_on(catalog, plan, interval, each) for each in add_ons))
    seats = max(wish.seats or 1, account.members)
    _require_allowed(seats, plan, most_seats(catalog, account, plan=plan.id, add_ons=add_ons, since=None))
    return Target(
        plan=plan.id,
        interval=interval,
        add_ons=add_ons,
        parts=tuple(_new(price, seats, None) for price in prices),
        gone=(),
        effective="now",
        is_new=True,
        interval_changes=False,
    )


def changed(catalog: Catalog, subscription: Subscription, wish: Wish, account: Account) -> Target:
    """What a subscriber wishes for; there are never fewer seats than members. Raises InvalidInput."""
    was = bought(catalog, subscription)
    if was is None:
        raise InvalidInput("Your subscription is an arrangement of its own. Write to us to change it.")
    plan = was.plan if wish.plan in (None, was.plan.id) else _sold(catalog, wish.plan or "")
    interval = wish.interval or was.interval
    add_ons = was.add_ons if wish.add_ons is None else _once(wish.add_ons)
    held = _held(catalog, subscription)
    seats = max(wish.seats, account.members) if wish.seats else _paid_seats(held)
    if wish.seats or plan is not was.plan:
        most = most_seats(catalog, account, plan=plan.id, add_ons=add_ons, since=account.subscribed_at)
        _require_allowed(seats, plan, most)
    parts = _parts(catalog, held, was, plan, interval, add_ons, seats)
    used = {part.item for part in parts}
    gone = tuple(item.id for item in held.values() if item.id not in used)
    return Target(
        plan=plan.id,
        interval=interval,
        add_ons=add_ons,
        parts=parts,
        gone=gone,
        effective=_effective(subscription, was, plan, interval, add_ons),
        is_new=bool(gone) or not all(_is_as_it_was(part, held) for part in parts),
        interval_changes=interval != was.interval,
    )


def bought(catalog: Catalog, subscription: Subscription) -> Bought | None:
    """What a subscription is for, if it names a plan of ours."""
    return catalog.plan_of([item.price.metadata for item in subscription.items])


def _held(catalog: Catalog, subscription: Subscription) -> dict[str, Item]:
    """Its items by what they are for; what is nothing of ours is left alone."""
    sold = ((catalog.price_of(item.price.metadata), item) for item in subscription.items)
    return {each.component: item for each, item in sold if each}


def _parts(  # noqa: PLR0913, PLR0917 (what it is made of)
    catalog: Catalog,
    held: dict[str, Item],
    was: Bought,
    plan: Plan,
    interval: Interval,
    add_ons: tuple[str, ...],
    seats: int,
) -> tuple[Part, ...]:
    own = {component: item for component, item in held.items() if not _is_add_on(catalog, item)}
    if (plan.id, interval) == (was.plan.id, was.interval):
        parts = [_staying(component, item, seats) for component, item in own.items()]
    else:
        parts = [_new(price, seats, held.get(price.component)) for price in _of_plan(plan, interval)]
    for name in add_ons:
        price = _add_on(catalog, plan, interval, name)
        item = held.get(price.component)
        stays = item is not None and interval == was.interval
        parts.append(_staying(price.component, item, seats) if item and stays else _new(price, seats, item))
    return tuple(parts)


def _effective(
    subscription: Subscription, was: Bought, plan: Plan, interval: Interval, add_ons: tuple[str, ...]
) -> Effective:
    """More begins now and is paid now; less begins when what is paid for is over. In a trial nothing is paid for.

    Seats come and go at once, as members do.
    """
    if subscription.status == "trialing" or interval != was.interval or plan.rank > was.plan.rank:
        return "now"
    if plan.rank < was.plan.rank:
        return "period_end"
    return "period_end" if set(add_ons) < set(was.add_ons) else "now"


def _sold(catalog: Catalog, name: str) -> Plan:
    plan = catalog.plans.get(name)
    if plan is None or plan.retired or not plan.prices:
        sold = ", ".join(each.id for each in catalog.plans.values() if each.prices and not each.retired)
        raise InvalidInput(f"There is no plan {name} to be bought. There are: {sold}.")
    return plan


def _of_plan(plan: Plan, interval: Interval) -> tuple[Price, ...]:
    if interval not in plan.prices:
        raise InvalidInput(f"The plan {plan.id} is not sold by the {interval}.")
    return plan.prices[interval]


def _require_allowed(seats: int, plan: Plan, most: int | None) -> None:
    if most is not None and seats > most:
        raise InvalidInput(f"The plan {plan.id} has {most} seats at most, and this would be {seats}.")


def _add_on(catalog: Catalog, plan: Plan, interval: Interval, name: str) -> Price:
    add_on = catalog.add_ons.get(name)
    if add_on is None or plan.id not in add_on.plans or interval not in add_on.prices:
        raise InvalidInput(f"There is no add-on {name} for the plan {plan.id} by the {interval}.")
    return add_on.prices[interval]


def _once(add_ons: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(add_ons)) < len(add_ons):
        raise InvalidInput("An add-on can be bought once.")
    return add_ons


def _is_add_on(catalog: Catalog, item: Item) -> bool:
    sold = catalog.price_of(item.price.metadata)
    return bool(sold and sold.add_on)


def _new(price: Price, seats: int, item: Item | None) -> Part:
    return Part(
        component=price.component,
        price=price.lookup_key,
        item=item.id if item else None,
        stays=False,
        quantity=_quantity(price.component, seats),
    )


def _staying(component: str, item: Item, seats: int) -> Part:
    return Part(
        component=component, price=item.price.id, item=item.id, stays=True, quantity=_quantity(component, seats)
    )


def _quantity(component: str, seats: int) -> int | None:
    """A base fee and an add-on are one; what is used is not said beforehand."""
    if component.startswith(USAGE):
        return None
    return seats if component == SEAT else 1


def _paid_seats(held: dict[str, Item]) -> int:
    return held[SEAT].quantity or 1 if SEAT in held else 1


def _is_as_it_was(part: Part, held: dict[str, Item]) -> bool:
    return part.stays and part.quantity in (None, held[part.component].quantity)
