"""Runs each point many times in one world, with another disorder each time, and sums up what went wrong."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType

from faults import money, story
from faults.guard import Moment
from faults.points import Point, Story
from faults.story import Damage
from faults.world import OURS, World, world

HOURS = itertools.count()
"""Each run has an hour of its own, for what the clock calls."""

STORIES: dict[Story, ModuleType] = {"work": story, "money": money}
"""Each has `begin` and `damage`."""

type Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Outcome:
    """Of one point."""

    point: Point
    runs: int = 0
    killed: int = 0
    damage: Damage = field(default_factory=Damage)


def run(
    points: Sequence[Point], *, runs: int, seed: int, progress: Progress, handlers: Mapping[str, str] = OURS
) -> list[Outcome]:
    """Each point, `runs` times; `handlers` run in the place of some functions' own."""
    outcomes = []
    with world(seed=seed, handlers=handlers) as made:
        for number, point in enumerate(points):
            outcome = Outcome(point)
            for turn in range(runs):
                progress(number * runs + turn, len(points) * runs)
                _once(made, point, point.moments[turn % len(point.moments)], outcome)
            outcomes.append(outcome)
    return outcomes


def _once(made: World, point: Point, moment: Moment, outcome: Outcome) -> None:
    told = STORIES[point.story]
    company = told.begin(made)
    made.period = f"{datetime(2026, 11, 21, tzinfo=UTC) + timedelta(hours=next(HOURS)):%Y-%m-%dT%H:%M:%SZ}"
    made.set_trap(point, moment)
    at_rest = made.settle()
    outcome.runs += 1
    outcome.killed += made.died[point.function] + made.died[point.also] > 0
    made.clear_trap()
    if not at_rest:
        outcome.damage.stuck += 1
        outcome.damage.details.append(f"{company.id} never came to rest: {made.unrest()}")
        made.sweep()
    outcome.damage.add(told.damage(made, company))
