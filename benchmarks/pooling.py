"""How much more a pooled connection does when a unit of work is one flight rather than four round trips.

Several clients share one server connection through PgBouncer in transaction mode, one millisecond away. Whoever waits
for an answer inside a transaction keeps the connection from everybody else. On a small machine the clients, the pooler
and the server run out of processor before the connection is busy: then the figure is a lower bound, and `how` says so.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import goals
from benchmarks.figures import Figure, Skipped, measured
from benchmarks.harness.clients import DOOR, NAIVE, Clients, clients
from benchmarks.harness.delay_proxy import far_from
from benchmarks.harness.turns import Block, take_turns
from benchmarks.harness.world import API, World
from freehold.database.migrations.bootstrap import DATABASE
from local.pgbouncer import NotInstalled, pooled
from local.watch import Watch

GOALS = (goals.POOLED,)
CLIENTS, ROUNDS, SECONDS = 8, 8, 1.0
SOME_ROWS = 2_000


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """Units a second, one way and the other."""
    with _pooler(world) as pooler, far_from(pooler) as distance:
        where = world.conninfo(port=distance.port)
        with clients(CLIENTS, where, world.rows[DATABASE][:SOME_ROWS]) as running:
            cpu: dict[str, list[float]] = {NAIVE: [], DOOR: []}
            blocks = {way: _block(running, way, cpu[way]) for way in cpu}
            samples = take_turns(blocks, rounds=ROUNDS, after_round=watch.at)
    busy = sum(cpu[DOOR]) / len(cpu[DOOR]) / SECONDS
    how = (
        f"{CLIENTS} client processes, one server connection, {ROUNDS} rounds of {SECONDS:.0f} s each way;"
        f" through the door the clients alone kept {busy:.1f} of {os.cpu_count()} processors busy"
    )
    yield measured(goals.POOLED, samples.ratio(NAIVE, over=DOOR), how=how)


@contextmanager
def _pooler(world: World) -> Iterator[int]:
    try:
        with pooled(world.server, role=API) as port:
            yield port
    except NotInstalled as why:
        raise Skipped(str(why)) from why


def _block(running: Clients, way: str, cpu: list[float]) -> Block:
    """Seconds for one unit."""

    def run() -> float:
        load = running.run(way, seconds=SECONDS)
        cpu.append(load.cpu_seconds)
        return 1 / load.units_a_second

    return run
