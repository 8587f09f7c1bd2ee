"""How fast the relay drains what waits: a batch in one round trip, against a transaction for each row.

Both are one millisecond away from the database, and publish to something that answers at once. What a transaction for
each row costs is mostly the distance; what the relay costs is mostly the database's own time.
"""

import logging
import statistics
import time
from collections.abc import Iterator, Sequence
from uuid import UUID

import psycopg

from benchmarks import goals
from benchmarks.figures import Figure, counted, measured
from benchmarks.harness.delay_proxy import far_from
from benchmarks.harness.turns import Block, take_turns
from benchmarks.harness.world import World
from freehold.database import Database
from freehold.messaging.bus import Announced
from freehold.messaging.relay import BATCH, Relay
from local.another_process import another_process
from local.postgres import SUPERUSER
from local.watch import Watch

GOALS = (goals.RELAY, goals.RELAY_RATE)
ROUNDS, BATCHES, ONE_BY_ONE = 12, 20, 100
RELAY, ROWS = "relay", "row by row"

SYSTEM = "freehold_system"
WAIT = """
    insert into app.outbox (tenant_id, type, subject_id, request_id, data, due_at)
    select p.tenant_id, 'project.created', p.id, gen_random_uuid()::text, to_jsonb(p) - 'tenant_id', clock_timestamp()
      from app.projects p tablesample system (20) limit %s
"""
"""Events as those who created these projects announced them."""
TAKE = """
    select tenant_id, id, type, subject_id, data from app.outbox
     where published_at is null and due_at <= now() order by due_at, id limit 1 for update skip locked
"""
MARK = "update app.outbox set published_at = now() where tenant_id = %s and id = %s"


class AnswersAtOnce:
    """A bus that takes everything."""

    def publish(self, _events: Sequence[Announced]) -> set[str]:
        """None of them refused."""
        return set()


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """The ratio, and events a second."""
    quiet = another_process({}, log_level=logging.ERROR)
    with quiet, world.superuser() as kept, far_from(world.server.port) as distance:
        system = Database(world.conninfo(role=SYSTEM, port=distance.port))
        with psycopg.connect(world.conninfo(role=SUPERUSER, port=distance.port), autocommit=True) as rows:
            rows.execute("set role freehold_relay")
            rows.execute("select set_config('app.tenant_id', %s, false)", [str(UUID(int=0))])
            sides = {RELAY: _relay(kept, system), ROWS: _row_by_row(kept, rows)}
            samples = take_turns(sides, rounds=ROUNDS, after_round=watch.at)
        system.close()
        kept.execute("truncate app.outbox")
    how = f"{ROUNDS} pairs of blocks, {BATCHES} batches of {BATCH} events and {ONE_BY_ONE} transactions, 1 ms away"
    yield measured(goals.RELAY, samples.ratio(ROWS, over=RELAY), how=how)
    rate = int(1 / statistics.median(samples.blocks[RELAY]))
    yield counted(goals.RELAY_RATE, rate, how=f"median of {ROUNDS} blocks of {BATCHES} batches of {BATCH}, 1 ms away")


def _relay(kept: psycopg.Connection, system: Database) -> Block:
    """Seconds for one event."""
    relay = Relay(system, AnswersAtOnce())

    def run() -> float:
        _let_wait(kept, BATCH * BATCHES)
        begin = time.perf_counter()
        passed_on = sum(relay.turn() for _ in range(BATCHES))
        relay.finish()
        return (time.perf_counter() - begin) / passed_on

    return run


def _row_by_row(kept: psycopg.Connection, connection: psycopg.Connection) -> Block:
    """Seconds for one event: begin, take, mark, commit."""

    def run() -> float:
        _let_wait(kept, ONE_BY_ONE)
        begin = time.perf_counter()
        for _ in range(ONE_BY_ONE):
            connection.execute("begin")
            taken = connection.execute(TAKE).fetchone()
            assert taken is not None  # noqa: S101 (what waits was put there)
            connection.execute(MARK, taken[:2])
            connection.execute("commit")
        return (time.perf_counter() - begin) / ONE_BY_ONE

    return run


def _let_wait(kept: psycopg.Connection, events: int) -> None:
    """So many events, and nothing of the block before."""
    kept.execute("truncate app.outbox")
    kept.execute("select set_config('app.tenant_id', %s, false)", [str(UUID(int=0))])
    kept.execute(WAIT, [events])
    kept.execute("vacuum analyze app.outbox")
