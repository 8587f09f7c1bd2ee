"""What a quantity of a price costs: per unit, packaged, or by tiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from local.stripe_double.rounding import rounded

type Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Portion:
    """A part of a quantity that has one rate: what becomes one line of an invoice."""

    amount: int
    quantity: Decimal
    unit_amount: Decimal | None
    tier: str = ""


def cost(price: Fields, quantity: Decimal) -> int:
    """In minor units."""
    return sum(each.amount for each in portions(price, quantity))


def portions(price: Fields, quantity: Decimal) -> list[Portion]:
    """One portion for a flat rate; for tiers one for each tier that is reached, a fixed fee apart."""
    if price["billing_scheme"] == "tiered":
        return _volume(price, quantity) if price["tiers_mode"] == "volume" else _graduated(price["_tiers"], quantity)
    unit = unit_amount(price)
    billed = _transformed(price, quantity)
    return [Portion(rounded(unit * billed), billed, unit)]


def unit_amount(price: Fields) -> Decimal:
    """Of one unit, in minor units and parts of them."""
    return Decimal(price["unit_amount_decimal"] or 0)


def _transformed(price: Fields, quantity: Decimal) -> Decimal:
    change = price.get("transform_quantity")
    if not change:
        return quantity
    packs = quantity / change["divide_by"]
    whole: Decimal = packs.to_integral_value(ROUND_CEILING if change["round"] == "up" else ROUND_FLOOR)
    return whole


def _graduated(tiers: Sequence[Fields], quantity: Decimal) -> list[Portion]:
    found, begun = [], Decimal(0)
    for tier in tiers:
        end = None if tier["up_to"] is None else Decimal(tier["up_to"])
        inside = (quantity if end is None else min(quantity, end)) - begun
        if inside <= 0 and begun:
            break
        found += _of_tier(tier, max(inside, Decimal(0)), _span(begun, end))
        begun = end or begun
        if end is None or quantity <= end:
            break
    return found


def _volume(price: Fields, quantity: Decimal) -> list[Portion]:
    tiers = price["_tiers"]
    tier = next((each for each in tiers if each["up_to"] is None or quantity <= each["up_to"]), tiers[-1])
    return _of_tier(tier, quantity, "")


def _of_tier(tier: Fields, quantity: Decimal, span: str) -> list[Portion]:
    unit = Decimal(tier["unit_amount_decimal"] or 0)
    found = [Portion(rounded(unit * quantity), quantity, unit, span)]
    if tier["flat_amount_decimal"] is not None:
        flat = Decimal(tier["flat_amount_decimal"])
        if flat:
            found.append(Portion(rounded(flat), Decimal(0), flat, span))
    return found


def _span(begun: Decimal, end: Decimal | None) -> str:
    if end is None:
        return f"{begun + 1} and above" if begun else ""
    return f"first {end}" if not begun else f"next {begun + 1} to {end}"
