"""How much coupons take off an invoice, and from which of its lines."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from local.stripe_double.rounding import rounded, shared

type Coupon = Mapping[str, Any]
type Line = tuple[int, str]
"""Amount and product of a line that may be discounted."""


def taken(coupons: Sequence[Coupon], lines: Sequence[Line]) -> list[list[int]]:
    """For each coupon, in order, the positive amount that it takes off each line; a later one sees what is left."""
    left = [amount for amount, _ in lines]
    found = []
    for coupon in coupons:
        parts = _shares(coupon, left, [product for _, product in lines])
        left = [amount - part for amount, part in zip(left, parts, strict=True)]
        found.append(parts)
    return found


def net(coupons: Sequence[Coupon], amount: int, product: str) -> int:
    """One amount after all percentages; an amount off is a thing of whole invoices and is left out."""
    percentages = [each for each in coupons if each["percent_off"] is not None]
    return amount - sum(sum(parts) for parts in taken(percentages, [(amount, product)]))


def _shares(coupon: Coupon, left: Sequence[int], products: Sequence[str]) -> list[int]:
    only = (coupon.get("_applies_to") or {}).get("products")
    weights = [
        max(amount, 0) if not only or product in only else 0 for amount, product in zip(left, products, strict=True)
    ]
    base = sum(weights)
    if coupon["percent_off"] is not None:
        return shared(rounded(Fraction(Decimal(str(coupon["percent_off"]))) * base / 100), weights)
    return shared(min(coupon["amount_off"], base), weights)
