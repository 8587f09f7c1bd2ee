"""What row-level security costs: each statement of the product against a role that it exempts.

A block is one transaction behind the door with many executions of one statement, about different rows: parsed,
rewritten, planned and run each time. Connection, entrance, parameters, triggers and privileges are the same for both
roles. The dearest statements are measured again, longer, so that the worst one is not the noisiest one.

It is measured as a client meets it, each statement a trip over loopback, and again with all of a block in one flight:
that is the server's time alone, in which the few microseconds of a policy weigh most.
"""

from collections.abc import Iterator

import psycopg

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.goals import Goal
from benchmarks.harness.acting import (
    EXEMPT,
    Asked,
    Rows,
    acting,
    as_the_role_does,
    make_exempt_role,
    needs_tenant,
    role_of,
    rows_of_some_tenants,
)
from benchmarks.harness.bursts import Encoded, burst, encode, encode_sql
from benchmarks.harness.turns import Block, Ratio, median_of, take_turns
from benchmarks.harness.world import World
from freehold.database import Query
from local.watch import Watch

GOALS = (goals.ISOLATION, goals.WORST_ISOLATION, goals.ISOLATION_ALONE, goals.WORST_ISOLATION_ALONE)
TENANTS, ROUNDS, LONGER = 40, 12, 96
READS, WRITES = 40, 12  # executions in a block; a tenant has keys for as many writes
DEAREST = 5
type Ratios = dict[str, Ratio]
"""By the statement's name."""

FORGET_THE_TENANT = "select set_config('app.tenant_id', '', true)"
"""Before an entrance, which refuses a transaction that is in a tenant already."""


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """The median statement and the worst one."""
    with world.superuser() as connection:
        make_exempt_role(connection)
        as_the_role_does(connection)
        tenants = rows_of_some_tenants(world, connection, tenants=TENANTS)
        met, alone = (_ratios(connection, tenants, watch, together=together) for together in (False, True))
    world.tidy_up()
    yield from _figures(met, goals.ISOLATION, goals.WORST_ISOLATION, how="a trip for each")
    yield from _figures(alone, goals.ISOLATION_ALONE, goals.WORST_ISOLATION_ALONE, how="a block in one flight")


def _ratios(connection: psycopg.Connection, tenants: list[Rows], watch: Watch, *, together: bool) -> Ratios:
    turns = {name: _Turns(connection, tenants, name, together=together) for name in Asked(tenants[0]).statements()}
    first = {name: _ratio(turns[name], ROUNDS) for name in watch.each(list(turns))}
    dearest = sorted(first, key=lambda name: first[name].middle)[-DEAREST:]
    return first | {name: _ratio(turns[name], LONGER) for name in watch.each(dearest)}


def _figures(ratios: Ratios, median: Goal, worst: Goal, *, how: str) -> Iterator[Figure]:
    name, dearest = max(ratios.items(), key=lambda item: item[1].middle)
    blocks = f"{len(ratios)} statements, {ROUNDS} pairs of blocks of {READS} reads or {WRITES} writes each"
    yield measured(median, median_of(ratio.middle for ratio in ratios.values()), how=f"{blocks}, {how}")
    yield measured(worst, dearest, how=f"{name}, {dearest.rounds} pairs of blocks, {how}")


def _ratio(turns: "_Turns", rounds: int) -> Ratio:
    samples = take_turns({role: turns.block(role) for role in (turns.role, EXEMPT)}, rounds=rounds)
    return samples.ratio(turns.role, over=EXEMPT)


class _Turns:
    """Blocks of one statement; each pair is about the same rows of the same tenant."""

    def __init__(self, connection: psycopg.Connection, tenants: list[Rows], name: str, *, together: bool) -> None:
        self._connection, self._tenants, self._name, self._together = connection, tenants, name, together
        self._round: dict[str, int] = {}
        self.role = role_of(connection, Asked(tenants[0]).statements()[name](), tenants[0].row)
        """Whose statement it is."""

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
                return self._seconds([[one] if entered else self._forgetting(one) for one in encoded]) / times

        return run

    def _seconds(self, trips: list[list[Encoded]]) -> float:
        if self._together:
            return burst(self._connection, [statement for trip in trips for statement in trip])
        return sum(burst(self._connection, trip) for trip in trips)

    def _forgetting(self, statement: Encoded) -> list[Encoded]:
        return [encode_sql(self._connection, FORGET_THE_TENANT, {}), statement]
