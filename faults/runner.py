"""Runs each point many times in one world, with another disorder each time, and sums up what went wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from faults import story
from faults.points import Point
from faults.story import Damage
from faults.world import World, world

type Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Outcome:
    """Of one point."""

    point: Point
    runs: int = 0
    killed: int = 0
    damage: Damage = field(default_factory=Damage)


def run(points: Sequence[Point], *, runs: int, seed: int, progress: Progress) -> list[Outcome]:
    """Each point, `runs` times."""
    outcomes = []
    with world(seed=seed) as made:
        for number, point in enumerate(points):
            outcome = Outcome(point)
            for turn in range(runs):
                progress(number * runs + turn, len(points) * runs)
                _once(made, point, outcome)
            outcomes.append(outcome)
    return outcomes


def _once(made: World, point: Point, outcome: Outcome) -> None:
    company = story.begin(made)
    made.set_trap(point)
    at_rest = made.settle()
    outcome.runs += 1
    outcome.killed += made.was_sprung
    made.clear_trap()
    if not at_rest:
        outcome.damage.stuck += 1
        outcome.damage.details.append(f"{company.id} never came to rest: {made.unrest()}")
        made.sweep()
    outcome.damage.add(story.damage(made, company))
