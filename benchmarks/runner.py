"""Runs families of figures in one world, and says of each that could not be measured here why not."""

import gc
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.families import Family
from benchmarks.figures import Figure, Skipped
from benchmarks.harness.world import World, world
from local.watch import Watch


@dataclass(slots=True)
class Run:
    """What a run found out."""

    figures: list[Figure] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    """By family, why."""

    @property
    def summary(self) -> str:
        """The last line."""
        holding = sum(figure.holds for figure in self.figures)
        return f"bench: {holding} hold, {len(self.figures) - holding} fall short"


def run(families: Iterable[Family], watch: Watch) -> Run:
    """All of them, one after the other."""
    done = Run()
    with ExitStack() as stack:
        with watch.step("2,000 tenants with 500 projects each"):
            ready = stack.enter_context(world(watch.at))
        gc.freeze()  # as a function does at init: what the bench itself holds is not charged to what it measures
        for family in families:
            with watch.step(family.name):
                _measure(family, ready, watch, done)
    return done


def _measure(family: Family, ready: World, watch: Watch, done: Run) -> None:
    try:
        done.figures.extend(family.measure(ready, watch))
    except Skipped as why:
        done.skipped[family.name] = str(why)
