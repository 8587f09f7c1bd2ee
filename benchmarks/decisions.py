"""What one decision takes in a process that has the definitions and the facts: the median of 200 flags.

Beside it, the least that an answer can cost, a look-up in a dictionary; and OpenFeature's own client with its in-memory
provider, which serves each flag's default variant: it has the same context, and no target, rule or share to consider.
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator

from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from benchmarks import goals
from benchmarks.figures import Figure, counted, measured
from benchmarks.harness import stage_of_flags as stage
from benchmarks.harness.turns import Block, take_turns
from benchmarks.harness.world import World
from freehold.decisions.evaluation import evaluate
from local.watch import Watch

GOALS = (goals.DECISION, goals.DECISION_BESIDE_OPENFEATURE, goals.DECISION_BESIDE_DICT)
ROUNDS, TIMES = 60, 10
OURS, OPENFEATURE, DICT = "decided", "OpenFeature", "looked up"

type Ask = Callable[[str], object]


def measure(world: World, watch: Watch) -> Iterator[Figure]:  # noqa: ARG001 (no database is asked)
    """The time, and its ratio to both others."""
    asks = {OURS: _ours(), OPENFEATURE: _openfeature(), DICT: dict.fromkeys(stage.flag_keys(), True).__getitem__}
    samples = take_turns({name: _all(ask) for name, ask in asks.items()}, rounds=ROUNDS, after_round=watch.at)
    ours = statistics.median(_each(asks[OURS])) * 1e6
    beside = {name: statistics.median(samples.blocks[name]) * 1e6 for name in (OPENFEATURE, DICT)}
    how = (
        f"{TIMES} times each of {stage.FLAGS} flags: rules of three conditions, shares and targets; decided in"
        f" {ours:.1f} us, OpenFeature {beside[OPENFEATURE]:.1f} us, a look-up {beside[DICT] * 1000:.0f} ns"
    )
    yield counted(goals.DECISION, math.ceil(ours), how=f"median of single decisions; {how}")
    yield measured(goals.DECISION_BESIDE_OPENFEATURE, samples.ratio(OURS, over=OPENFEATURE), how=how)
    yield measured(goals.DECISION_BESIDE_DICT, samples.ratio(OURS, over=DICT), how=how)


def _ours() -> Ask:
    snapshot, facts, who = stage.snapshot(), stage.facts(), stage.who()
    return lambda key: evaluate(snapshot, facts, who, key, at=stage.NOW, context=stage.CONTEXT)


def _openfeature() -> Ask:
    flags = {key: InMemoryFlag("on", {"on": True, "off": False}) for key in stage.flag_keys()}
    api.set_provider(InMemoryProvider(flags))
    client, context = api.get_client(), EvaluationContext(stage.MEMBER, dict(stage.CONTEXT))
    return lambda key: client.get_boolean_details(key, False, context)  # noqa: FBT003 (OpenFeature's signature)


def _all(ask: Ask) -> Block:
    """The thread's seconds for one answer, over all flags in a row: a clock would take longer than a look-up."""
    keys = stage.flag_keys() * TIMES

    def run() -> float:
        begin = time.thread_time()
        for key in keys:
            ask(key)
        return (time.thread_time() - begin) / len(keys)

    return run


def _each(ask: Ask) -> Iterator[float]:
    """Seconds for each answer by itself."""
    for key in stage.flag_keys() * TIMES:
        begin = time.perf_counter()
        ask(key)
        yield time.perf_counter() - begin
