"""A figure: what was measured, whether it holds, and how it was measured."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from benchmarks.goals import Direction, Goal
from benchmarks.harness.turns import Ratio


class Skipped(Exception):
    """Why this machine cannot measure it, in a sentence."""


class Figure(BaseModel):
    """One line of the results: a ratio or a count. `low` and `high` enclose the ratio with 95 % confidence.

    `found` names what was counted, a sentence each, where each is a fault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    ratio: float | None = None
    count: int | None = None
    goal: float
    direction: Direction
    holds: bool
    how: str
    low: float | None = None
    high: float | None = None
    found: tuple[str, ...] | None = None

    @property
    def value(self) -> float:
        """The ratio or the count."""
        return self.ratio if self.ratio is not None else float(self.count or 0)

    def as_json(self) -> dict[str, Any]:
        """Without the fields that it does not have."""
        return self.model_dump(exclude_none=True)


def measured(goal: Goal, ratio: Ratio, *, how: str) -> Figure:
    """A ratio, rounded as it is shown: what one reads is what is judged."""
    middle, low, high = (round(part, 2) for part in (ratio.middle, ratio.low, ratio.high))
    return Figure(
        name=goal.name,
        ratio=middle,
        goal=goal.limit,
        direction=goal.direction,
        holds=goal.reached(middle),
        how=how,
        low=low,
        high=high,
    )


def counted(goal: Goal, number: int, *, how: str, found: Sequence[str] = ()) -> Figure:
    """A count, with the name of each that was found."""
    return Figure(
        name=goal.name,
        count=number,
        goal=goal.limit,
        direction=goal.direction,
        holds=goal.reached(number),
        how=how,
        found=tuple(found) or None,
    )
