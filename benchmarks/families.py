"""The families of figures, each a module that measures some goals; `--only` and `--list` go by their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from benchmarks import (
    arrival,
    cold_start,
    decisions,
    fairness,
    growth,
    isolation_cost,
    latency,
    lists,
    neighbours,
    plans,
    pooling,
    rates,
    relay,
    usage_ingest,
)
from benchmarks.figures import Figure
from benchmarks.goals import Goal
from benchmarks.harness.world import World
from local.watch import Watch


class Measure(Protocol):
    """Measures and yields a figure for each goal. Raises Skipped."""

    def __call__(self, world: World, watch: Watch) -> Iterator[Figure]:
        """In a world that it leaves as it found it, but for dead rows."""


@dataclass(frozen=True, slots=True)
class Family:
    """Goals that are measured together."""

    name: str
    goals: tuple[Goal, ...]
    measure: Measure


FAMILIES = (
    Family("latency", latency.GOALS, latency.measure),
    Family("isolation", isolation_cost.GOALS, isolation_cost.measure),
    Family("plans", plans.GOALS, plans.measure),
    Family("pooling", pooling.GOALS, pooling.measure),
    Family("growth", growth.GOALS, growth.measure),
    Family("cold-start", cold_start.GOALS, cold_start.measure),
    Family("lists", lists.GOALS, lists.measure),
    Family("fairness", fairness.GOALS, fairness.measure),
    Family("neighbours", neighbours.GOALS, neighbours.measure),
    Family("arrival", arrival.GOALS, arrival.measure),
    Family("relay", relay.GOALS, relay.measure),
    Family("usage", usage_ingest.GOALS, usage_ingest.measure),
    Family("decisions", decisions.GOALS, decisions.measure),
    Family("rates", rates.GOALS, rates.measure),
)
