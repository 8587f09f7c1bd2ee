"""How exactly a rate is kept by four processes that ask as fast as they can, and what a neighbour notices of them.

What is allowed is what the bucket holds at the beginning and what it gains until the last answer. The neighbour has no
rate. It asks one request after the other, in turns alone and beside a tenant whose four processes never pause; and
for comparison, beside the same tenant without a rate.
"""

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.harness.askers import RATE_CLASS, Asked, Askers, admitted, askers
from benchmarks.harness.turns import Block, Ratio, take_turns
from benchmarks.harness.world import World
from freehold.callers import PersonCaller
from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.ids import TenantId
from freehold.rates.leases import Leases
from local.companies import superuser
from local.postgres import SUPERUSER
from local.watch import Watch

GOALS = (goals.RATE_USED, goals.RATE_KEPT, goals.NOISY)
PROCESSES = 4
STRETCHES, SECONDS, FAST = 5, 3.0, (200, 1)
ROUNDS, UNLIMITED_ROUNDS, A_ROUND, NOISY_RATE = 30, 3, 1.0, (600, 60)
CATALOG = {
    "fallback": "free",
    "rates": {RATE_CLASS: {"name": "Reads", "key_share": 1}},
    "plans": {"free": {"rates": {RATE_CLASS: None}}},
    "grandfathered": [],
}
AGREE = (
    "insert into app.overrides (source, rates, reason, agreed_by)"
    " values ('operator', %(rates)s, 'as the bench needs it', 'bench')"
)
AGREED = "delete from app.overrides where tenant_id = %(tenant_id)s and agreed_by = 'bench'"
FULL = "delete from app.allowances where tenant_id = %(tenant_id)s"
EMPTY = "update app.allowances set tokens = 0, refilled_at = clock_timestamp() where tenant_id = %(tenant_id)s"


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """Both, with rates published that nobody else has."""
    noisy, quiet = _two(world)
    with _published(world), askers(PROCESSES, world.conninfo(), noisy) as asking:
        try:
            yield from _accuracy(world, watch, noisy, asking)
            yield _neighbour(world, watch, noisy, quiet, asking)
        finally:
            _tell(world, noisy, AGREED)
            _tell(world, noisy, FULL)


def _accuracy(world: World, watch: Watch, noisy: PersonCaller, asking: Askers) -> Iterator[Figure]:
    most, period = FAST
    _agree(world, noisy, FAST)
    stretches = [_after(number, STRETCHES, watch, _stretch(world, noisy, asking)) for number in range(STRETCHES)]
    shares = [asked.accepted / (most + most / period * asked.seconds) for asked in stretches]
    how = (
        f"{most} in {period} s at {PROCESSES} processes, {STRETCHES} times {SECONDS:g} s:"
        f" {sum(asked.accepted for asked in stretches)} accepted, {sum(asked.refused for asked in stretches)} refused"
    )
    worst, best = min(shares), max(shares)
    yield measured(goals.RATE_USED, Ratio(worst, worst, best, STRETCHES), how=how)
    kept = math.ceil(best * 100) / 100  # what is above by less than is shown is above
    yield measured(goals.RATE_KEPT, Ratio(kept, worst, best, STRETCHES), how=how)


def _stretch(world: World, noisy: PersonCaller, asking: Askers) -> Asked:
    _tell(world, noisy, FULL)
    asking.begin(seconds=SECONDS)
    return asking.ended()


def _after[T](number: int, of: int, watch: Watch, value: T) -> T:
    watch.at(number, of)
    return value


def _neighbour(world: World, watch: Watch, noisy: PersonCaller, quiet: PersonCaller, asking: Askers) -> Figure:
    db, leases = Database(world.conninfo()), Leases()

    def alone() -> float:
        return _worst(db, leases, quiet)

    sides = {"alone": alone, "beside": lambda: _beside(world, noisy, asking, alone)}
    try:
        _agree(world, noisy, NOISY_RATE)
        limited = take_turns(sides, rounds=ROUNDS, after_round=watch.at).ratio("beside", over="alone")
        _agree(world, noisy, None)
        unlimited = take_turns(sides, rounds=UNLIMITED_ROUNDS).ratio("beside", over="alone")
    finally:
        db.close()
    how = (
        f"p99 of a second of requests, {ROUNDS} rounds, beside {PROCESSES} processes that never pause and may make"
        f" {NOISY_RATE[0]} in {NOISY_RATE[1]} s; without a rate it is {unlimited.middle:.1f}x"
    )
    return measured(goals.NOISY, limited, how=how)


def _beside(world: World, noisy: PersonCaller, asking: Askers, work: Block) -> float:
    """While the other asks, which has used up all that it could save."""
    _tell(world, noisy, EMPTY)
    asking.begin(seconds=A_ROUND + 0.5)
    time.sleep(0.4)
    took = work()
    asking.ended()
    return took


def _worst(db: Database, leases: Leases, quiet: PersonCaller) -> float:
    """The 99th of a hundred requests, in seconds."""
    took, end = [], time.monotonic() + A_ROUND
    while time.monotonic() < end:
        begin = time.perf_counter()
        admitted(db, leases, quiet)
        took.append(time.perf_counter() - begin)
    return sorted(took)[int(len(took) * 0.99)]


def _two(world: World) -> tuple[PersonCaller, PersonCaller]:
    """Owners of two tenants."""
    callers = {row.tenant_id: row.caller for row in world.rows[DATABASE]}
    first, second, *_ = callers.values()
    return first, second


@contextmanager
def _published(world: World) -> Iterator[None]:
    """What was published before is published again afterwards."""
    put = "update app.snapshot set catalog = %s"
    with world.superuser() as connection:
        [[before]] = connection.execute("select catalog from app.snapshot").fetchall()
        connection.execute(put, [json.dumps(CATALOG)])
        try:
            yield
        finally:
            connection.execute(put, [json.dumps(before)])


def _agree(world: World, caller: PersonCaller, rate: tuple[int, int] | None) -> None:
    _tell(world, caller, AGREED)
    _tell(world, caller, AGREE, rates=json.dumps({RATE_CLASS: rate}))


def _tell(world: World, caller: PersonCaller, sql: str, **params: object) -> None:
    tenant: TenantId = caller.tenant_id
    superuser(world.conninfo(role=SUPERUSER), sql, tenant=tenant, **params)
