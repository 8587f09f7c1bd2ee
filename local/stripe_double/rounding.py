"""Exact shares of money: whole minor units, halves away from zero."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def rounded(amount: Fraction | Decimal) -> int:
    """The nearest whole minor unit; a half goes up in size, for credits as for charges."""
    exact = Fraction(amount)
    size = abs(exact)
    whole = size.numerator // size.denominator
    whole += size - whole >= Fraction(1, 2)
    return -whole if exact < 0 else whole


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """Parts that add up to the total, by weight; what rounding leaves over goes to the largest remainders."""
    whole = sum(weights)
    if not whole:
        return [0 for _ in weights]
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [part.numerator // part.denominator for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


def decimal_text(value: Decimal) -> str:
    """As Stripe writes decimals: no exponent, no trailing zeros."""
    text = format(value.quantize(Decimal("0.000000000001"), rounding=ROUND_HALF_UP).normalize(), "f")
    return "0" if text == "-0" else text
