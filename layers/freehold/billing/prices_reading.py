"""Reads what plans and add-ons cost."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from freehold.billing.money import MOST, STEPS
from freehold.billing.plans_reading import Table, listed
from freehold.billing.prices import ADD_ON, BASE, INTERVALS, SEAT, USAGE, Interval, Price, Tier

_UNITS = 10**12


def plan_prices(
    table: Table, plan: str, *, currency: str, meters: Collection[str]
) -> dict[Interval, tuple[Price, ...]]:
    """Every component by interval."""
    read: dict[Interval, tuple[Price, ...]] = {}
    for interval in (each for each in INTERVALS if each in table):
        blank = Price(plan=plan, component=BASE, interval=interval, currency=currency)
        read[interval] = _components(table.table(interval), blank, meters)
    table.done()
    return read


def add_on_prices(table: Table, add_on: str, *, currency: str) -> dict[Interval, Price]:
    """One for each interval."""
    read: dict[Interval, Price] = {}
    for interval in (each for each in INTERVALS if each in table):
        blank = Price(plan=None, component=f"{ADD_ON}{add_on}", interval=interval, currency=currency)
        read[interval] = _flat(table.table(interval), blank)
    table.done()
    return read


def _components(table: Table, blank: Price, meters: Collection[str]) -> tuple[Price, ...]:
    prices = [_flat(table.table(BASE), blank)] if BASE in table else []
    if SEAT in table:
        prices.append(_counted(table.table(SEAT), replace(blank, component=SEAT)))
    usage = table.table("usage")
    for meter, each in usage.named():
        if meter not in meters:
            usage.wrong(f"is no meter that stands under [meters]: {listed(meters)}.", meter)
        prices.append(_counted(each, replace(blank, component=f"{USAGE}{meter}")))
    table.done()
    if not prices:
        table.wrong("names no amount: give it base, seat or usage.")
    return tuple(prices)


def _flat(table: Table, blank: Price) -> Price:
    price = replace(blank, amount=_amount(table, blank))
    table.done()
    return price


def _counted(table: Table, blank: Price) -> Price:
    """`amount` (of usage: `amount_decimal`) for each unit behind those that are `included`, or `tiers`."""
    tiers = _tiers(table, blank) if "tiers" in table else _included(table, blank)
    table.done()
    if blank.component == SEAT and len(tiers) == 1:
        return replace(blank, amount=int(tiers[0].amount))
    return replace(blank, tiers=tiers)


def _included(table: Table, blank: Price) -> tuple[Tier, ...]:
    rest = Tier(up_to=None, amount=_each(table, blank))
    if "included" not in table:
        return (rest,)
    return (Tier(up_to=table.whole("included", least=1, most=_UNITS, of="units"), amount=Decimal(0)), rest)


def _tiers(table: Table, blank: Price) -> tuple[Tier, ...]:
    steps = table.tables("tiers")
    read = [_tier(step, blank, last=step is steps[-1]) for step in steps]
    ends = [tier.up_to for tier in read if tier.up_to]
    if ends != sorted(set(ends)):
        table.wrong("must rise in up_to from tier to tier.", "tiers")
    if not read and table.well:
        table.wrong("holds no tier.", "tiers")
    return tuple(read)


def _tier(table: Table, blank: Price, *, last: bool) -> Tier:
    """The last one has no end."""
    up_to = None if last else table.whole("up_to", least=1, most=_UNITS, of="units")
    tier = Tier(up_to=up_to, amount=_each(table, blank))
    table.done()
    return tier


def _each(table: Table, blank: Price) -> Decimal:
    if blank.meter is None:
        return Decimal(_amount(table, blank))
    return table.decimal("amount_decimal", most=MOST)


def _amount(table: Table, blank: Price) -> int:
    amount = table.whole("amount", least=0, most=MOST, of="minor units (cents)")
    if amount % (step := STEPS.get(blank.currency, 1)):
        table.wrong(f"is {amount}, and Stripe takes only multiples of {step} in {blank.currency}.", "amount")
    return amount
