"""How long it takes from a commit until its webhook has arrived, a hundred times a second."""

import statistics
import time
from collections.abc import Iterator

from benchmarks import goals
from benchmarks.figures import Figure, counted
from benchmarks.harness.workers import Working, working
from benchmarks.harness.world import World
from local.companies import Company
from local.watch import Watch

GOALS = (goals.ARRIVAL,)
TENANTS, A_SECOND, SECONDS = 10, 100, 15
STRAGGLERS = 20.0  # seconds
ANNOUNCE = """
    insert into app.outbox (tenant_id, type, subject_id, request_id, data)
    values (%s, 'project.created', uuidv7(), 'bench', '{"name": "Moon"}') returning id::text
"""


def measure(world: World, watch: Watch) -> Iterator[Figure]:  # noqa: ARG001 (it needs a world of its own)
    """Commits at an even pace, whatever the rest does."""
    with working() as stage:
        companies = [stage.company(stage.quick) for _ in range(TENANTS)]
        _arrivals(stage, companies, seconds=3, watch=watch)  # to warm up
        waits = sorted(_arrivals(stage, companies, seconds=SECONDS, watch=watch))
    p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
    how = (
        f"{len(waits)} events of {TENANTS} tenants at {A_SECOND} a second, through relay, bus, queues and workers:"
        f" median {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms, longest {1000 * waits[-1]:.0f} ms"
    )
    yield counted(goals.ARRIVAL, round(1000 * p99), how=how)


def _arrivals(stage: Working, companies: list[Company], *, seconds: int, watch: Watch) -> list[float]:
    committed: dict[str, float] = {}
    number = seconds * A_SECOND
    with stage.connect() as connection:
        begin = time.monotonic()
        for turn in range(number):
            time.sleep(max(0.0, begin + turn / A_SECOND - time.monotonic()))
            [[event]] = connection.execute(ANNOUNCE, [companies[turn % TENANTS].id]).fetchall()
            committed[event] = time.time()
            if turn % A_SECOND == 0:
                watch.at(turn, number)
    deadline = time.monotonic() + STRAGGLERS
    while committed.keys() - stage.quick.arrived.keys() and time.monotonic() < deadline:
        time.sleep(0.05)
    return [stage.quick.arrived.get(event, float("inf")) - when for event, when in committed.items()]
