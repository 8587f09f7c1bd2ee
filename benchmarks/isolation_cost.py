"""What row-level security costs: each statement of the product against a role that it exempts.

A block is one transaction behind the door with many executions of one statement, about different rows, in one flight:
parsed, rewritten, planned and run each time. Connection, entrance, parameters, triggers and privileges are the same for
both roles. The dearest statements are measured again, longer, so that the worst one is not the noisiest one.
"""

from collections.abc import Iterator

import psycopg

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.harness.acting import (
    EXEMPT,
    Asked,
    Rows,
    acting,
    as_the_role_does,
    make_exempt_role,
    needs_tenant,
    rows_of_some_tenants,
)
from benchmarks.harness.bursts import Encoded, burst, encode, encode_sql
from benchmarks.harness.turns import Block, Ratio, median_of, take_turns
from benchmarks.harness.world import API, World
from benchmarks.watch import Watch
from freehold.database import Query

GOALS = (goals.ISOLATION, goals.WORST_ISOLATION)
TENANTS, ROUNDS, LONGER = 40, 24, 96
READS, WRITES = 40, 12  # executions in a block; a tenant has keys for as many writes
DEAREST = 5
FORGET_THE_TENANT = "select set_config('app.tenant_id', '', true)"
"""Before an entrance, which refuses a transaction that is in a tenant already."""


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """The median statement and the worst one."""
    with world.superuser() as connection:
        make_exempt_role(connection)
        as_the_role_does(connection)
        tenants = rows_of_some_tenants(world, connection, tenants=TENANTS)
        names = list(Asked(tenants[0]).statements())
        first = {name: _ratio(connection, tenants, name, ROUNDS) for name in watch.each(names)}
        world.tidy_up()
        dearest = sorted(names, key=lambda name: first[name].middle)[-DEAREST:]
        again = {name: _ratio(connection, tenants, name, LONGER) for name in watch.each(dearest)}
    world.tidy_up()
    yield from _figures(first | again)


def _figures(ratios: dict[str, Ratio]) -> Iterator[Figure]:
    middles = [ratio.middle for ratio in ratios.values()]
    name, worst = max(ratios.items(), key=lambda item: item[1].middle)
    how = f"{len(ratios)} statements, {ROUNDS} pairs of blocks of {READS} reads or {WRITES} writes each"
    yield measured(goals.ISOLATION, median_of(middles), how=f"{how}; the cheapest {min(middles):.2f}x")
    yield measured(goals.WORST_ISOLATION, worst, how=f"{name}, {worst.rounds} pairs of blocks")


def _ratio(connection: psycopg.Connection, tenants: list[Rows], name: str, rounds: int) -> Ratio:
    turns = _Turns(connection, tenants, name)
    samples = take_turns({role: turns.block(role) for role in (API, EXEMPT)}, rounds=rounds)
    return samples.ratio(API, over=EXEMPT)


class _Turns:
    """Blocks of one statement; each pair is about the same rows of the same tenant."""

    def __init__(self, connection: psycopg.Connection, tenants: list[Rows], name: str) -> None:
        self._connection, self._tenants, self._name = connection, tenants, name
        self._round: dict[str, int] = {}

    def block(self, role: str) -> Block:
        """What one execution takes, in seconds."""

        def run() -> float:
            self._round[role] = number = self._round.get(role, -1) + 1
            rows = self._tenants[number % len(self._tenants)]
            make = Asked(rows).statements()[self._name]
            first = make()
            times = READS if isinstance(first, Query) else WRITES
            encoded = [encode(self._connection, make(), rows.row.tenant_id) for _ in range(times)]
            entered = needs_tenant(first)
            with acting(self._connection, role, rows.row, entered=entered):
                return burst(self._connection, encoded if entered else self._forgetting(encoded)) / times

        return run

    def _forgetting(self, encoded: list[Encoded]) -> list[Encoded]:
        forget = encode_sql(self._connection, FORGET_THE_TENANT, {})
        return [part for statement in encoded for part in (forget, statement)]
