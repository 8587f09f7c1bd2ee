"""Takes turns between sides, so that whatever else the machine does meets all of them alike.

A round runs one block of each side, in random order. A ratio is the median over rounds of one side's block against
another's in the same round; `low` and `high` enclose it with 95 % confidence, by rank, whatever the distribution.
"""

import math
import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

type Block = Callable[[], float]
"""Runs one block and returns what it took, in a unit of its own."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One side against another."""

    middle: float
    low: float
    high: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Samples:
    """What each side's blocks took, round by round."""

    blocks: Mapping[str, list[float]]

    def ratio(self, side: str, *, over: str) -> Ratio:
        """Of one side over another, paired by round."""
        return median_of(a / b for a, b in zip(self.blocks[side], self.blocks[over], strict=True))


def take_turns(
    sides: Mapping[str, Block], *, rounds: int, after_round: Callable[[int, int], None] = lambda _done, _of: None
) -> Samples:
    """One round to warm up, which does not count, then so many rounds."""
    dice = random.Random(1)  # noqa: S311 (an order, not a secret)
    blocks: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name in dice.sample(list(sides), len(sides)):
            blocks[name].append(sides[name]())
        after_round(number, rounds)
    return Samples({name: taken[1:] for name, taken in blocks.items()})


def one_by_one(action: Callable[[], object], *, times: int, clock: Callable[[], float] = time.perf_counter) -> Block:
    """A block that runs the action so many times; it took what the median one took."""

    def timed() -> float:
        begin = clock()
        action()
        return clock() - begin

    return lambda: statistics.median(timed() for _ in range(times))


def median_of(values: Iterable[float]) -> Ratio:
    """The median of ratios, and the ranks that enclose it."""
    ordered = sorted(values)
    away = math.ceil(0.98 * math.sqrt(len(ordered)))  # 1.96 standard deviations of a fair coin, thrown for each
    middle = len(ordered) // 2
    low, high = ordered[max(0, middle - away)], ordered[min(len(ordered) - 1, middle + away)]
    return Ratio(statistics.median(ordered), low, high, len(ordered))
