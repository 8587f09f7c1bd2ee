"""What recording a thousand events costs: with keys, hours and the door, against one INSERT of the same rows.

The other side is a plain table of the same columns without a key, an index or a policy, and one INSERT with a row of
parameters for each event. Both are encoded beforehand and sent on connections with the same settings: what is timed is
from the first byte to the last answer. The tenant has recorded half a million events before.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.harness.bursts import Encoded, burst, encode, encode_sql
from benchmarks.harness.turns import Block, take_turns
from benchmarks.harness.world import Row, World
from freehold.database.door import FIRST_EPOCH, entrance
from freehold.permissions import USAGE_WRITE
from freehold.usage.models import MOST_EVENTS, UsageEvent
from freehold.usage.queries import record
from local.watch import Watch

GOALS = (goals.USAGE_INGEST,)
ROUNDS, BEFORE = 60, 500_000
OURS, PLAIN = "recorded", "inserted"
COLUMNS = ("meter", "source", "event_id", "quantity", "occurred_at", "subject", "properties")
BESIDE = """
    create table app.plain_events as select * from app.usage_events limit 0;
    alter table app.plain_events alter id set default uuidv7(), alter created_at set default now();
    grant insert on app.plain_events to freehold_api;
"""
FILL = """
    insert into app.usage_keys (tenant_id, digest, created_at)
    select %(tenant)s, md5(number::text)::uuid, now() - number * interval '5 seconds'
      from generate_series(1, %(before)s) number
"""
EMPTY = "drop table app.plain_events; truncate app.usage_events, app.usage_keys, app.usage_hours, app.usage_unreported"


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """The ratio of the times."""
    row = world.any_row()
    with world.superuser() as superuser:
        superuser.execute(BESIDE)
        superuser.execute("set session_replication_role = replica")
        superuser.execute(FILL, {"tenant": row.tenant_id, "before": BEFORE})
        superuser.execute("vacuum analyze app.usage_keys")
        with psycopg.connect(world.conninfo(), autocommit=True) as connection:
            sides = {OURS: _ours(connection, row), PLAIN: _plain(connection, row)}
            samples = take_turns(sides, rounds=ROUNDS, after_round=watch.at)
        superuser.execute(EMPTY)
    how = f"{ROUNDS} pairs of a batch of {MOST_EVENTS} each, {BEFORE:,} recorded before, first byte to last answer"
    yield measured(goals.USAGE_INGEST, samples.ratio(OURS, over=PLAIN), how=how)


def _ours(connection: psycopg.Connection, row: Row) -> Block:
    """Seconds for a batch."""
    door = entrance(row.caller, USAGE_WRITE, FIRST_EPOCH)

    def run() -> float:
        statement = record(_events(), datetime.now(UTC))
        return burst(
            connection,
            [
                encode_sql(connection, "begin", {}),
                encode_sql(connection, door.sql, door.params),
                encode(connection, statement, row.tenant_id),
                encode_sql(connection, "commit", {}),
            ],
        )

    return run


def _plain(connection: psycopg.Connection, row: Row) -> Block:
    """Likewise."""

    def run() -> float:
        return burst(connection, [_insert(connection, row, _events())])

    return run


def _insert(connection: psycopg.Connection, row: Row, events: list[UsageEvent]) -> Encoded:
    now = datetime.now(UTC)
    values = [(e.meter, e.source, e.id, e.quantity, e.happened(now), e.subject, Jsonb(e.properties)) for e in events]
    places = [f"(%(t)s, {', '.join(f'%(p{n}_{c})s' for c in range(len(COLUMNS)))})" for n in range(len(values))]
    params = {f"p{n}_{c}": value for n, each in enumerate(values) for c, value in enumerate(each)}
    sql = f"insert into app.plain_events (tenant_id, {', '.join(COLUMNS)}) values {', '.join(places)}"
    return encode_sql(connection, sql, {**params, "t": row.tenant_id})


def _events() -> list[UsageEvent]:
    """A thousand that are new, of the last two hours."""
    now = datetime.now(UTC)
    return [
        UsageEvent(
            id=str(uuid4()),
            meter="api_calls",
            quantity=1,
            time=now - timedelta(seconds=number * 7),
            subject=f"user-{number % 50}",
            properties={"path": "/v1/things", "status": 200},
        )
        for number in range(MOST_EVENTS)
    ]
