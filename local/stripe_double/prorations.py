"""What is given back for unused time and asked for the time that is left: to the second, each rounded by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from local.stripe_double.rounding import rounded


@dataclass(frozen=True)
class Debit:
    """What was charged for a stretch of time, net of discounts, and on which invoice's line."""

    amount: int
    start: int
    end: int
    quantity: int | None = None
    line: str = ""
    invoice: str = ""


def remaining(amount: int, *, start: int, end: int, at: int) -> int:
    """The part of a whole period's amount that belongs to the time from a moment to the end."""
    return rounded(Fraction(amount * (end - at), end - start))


def credited(debits: Sequence[Debit], at: int) -> list[tuple[int, Debit]]:
    """For each debit that reaches beyond the moment: the credit, as a negative amount."""
    return [
        (-remaining(each.amount, start=each.start, end=each.end, at=max(at, each.start)), each)
        for each in debits
        if each.end > at
    ]


def spent(debits: Sequence[Debit], at: int) -> list[Debit]:
    """What is left to give back after a credit up to the moment: the time before it, at what it cost."""
    return [
        replace(each, amount=each.amount + credit, end=at) for credit, each in credited(debits, at) if each.start < at
    ]
