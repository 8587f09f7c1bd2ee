"""What the fair pick of jobs costs against a plain queue, and how near its shares come to the weights.

Tenants have jobs waiting in one class. A pick hands a hundred of them over, in one transaction that is rolled back:
fairly, by the function that the dispatcher calls, or by one statement that takes the oldest, with an index for that.
The shares are counted over many picks that stay, while the room for them changes.
"""

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import psycopg

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.harness.turns import Block, Ratio, take_turns
from benchmarks.harness.world import World
from local.watch import Watch

GOALS = (goals.FAIR_PICK, goals.FAIR_SHARES)
TENANTS, EACH, ROOM = 500, 100, 100
WEIGHED = 12  # tenants
ROUNDS, TIMES = 24, 5
ROOMS, PICKS = (1, 7, 25, 100), 160
FILL = """
    insert into app.jobs (tenant_id, kind, job_class, state, input, attempts, created_by, request_id)
    select t.id, 'bench.job', 'standard', 'waiting', '{}', 10, 'worker:bench', 'bench'
      from (select id from app.tenants order by id limit %(tenants)s) t, generate_series(1, %(each)s)
"""
WEIGH = """
    insert into app.job_quotas (tenant_id, job_class, weight, concurrency)
    select t.id, 'standard', (array[1, 2, 4])[1 + (row_number() over ()) %% 3], 1000
      from (select id from app.tenants order by id limit %(tenants)s) t
"""
FIFO_INDEX = "create index jobs_fifo on app.jobs (job_class, due_at, id) where state = 'waiting'"
FIFO = """
    with picked as materialized (
        select tenant_id, id from app.jobs where job_class = 'standard' and state = 'waiting'
         order by due_at, id limit %(room)s for update skip locked)
    update app.jobs j
       set state = 'queued', token = gen_random_uuid(), lease_until = now() + interval '5 minutes', updated_at = now()
      from picked p where j.tenant_id = p.tenant_id and j.id = p.id
    returning j.tenant_id, j.id, j.token, j.request_id
"""
FAIR = "select tenant_id, id, token, request_id from app.hand_over('standard', %(room)s)"
END = "delete from app.jobs where state = 'queued'"
EMPTY = "truncate app.jobs, app.job_quotas"
SIDES = {"fair": FAIR, "fifo": FIFO}


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """Jobs handed over in a second, one way against the other; and the share that is furthest from its weight."""
    with world.superuser() as connection:
        speed, worst = _speed(connection, watch), _worst_share(connection)
        connection.execute(EMPTY)
    how = f"{TENANTS} tenants with {EACH} jobs each, {ROOM} a pick, medians of {TIMES} in each of {ROUNDS} rounds"
    yield measured(goals.FAIR_PICK, speed, how=how)
    how = f"weights 1, 2 and 4, {PICKS} picks with room for {', '.join(map(str, ROOMS))} in turn"
    yield measured(goals.FAIR_SHARES, Ratio(worst, worst, worst, PICKS), how=how)


def _speed(connection: psycopg.Connection, watch: Watch) -> Ratio:
    _fill(connection, tenants=TENANTS, each=EACH)
    connection.execute(FIFO_INDEX)
    blocks = {name: _block(connection, sql) for name, sql in SIDES.items()}
    samples = take_turns(blocks, rounds=ROUNDS, after_round=watch.at)
    connection.execute("drop index app.jobs_fifo")
    return samples.ratio("fifo", over="fair")  # of the times, and so the other way round of the jobs in a second


def _block(connection: psycopg.Connection, sql: str) -> Block:
    """Seconds for one pick. What was rolled back is cleared away first: it would lie in the way of the next one."""

    def run() -> float:
        connection.execute("vacuum app.jobs")
        return statistics.median(_pick(connection, sql) for _ in range(TIMES))

    return run


def _pick(connection: psycopg.Connection, sql: str) -> float:
    connection.execute("begin")
    connection.execute("set local role freehold_relay")
    connection.execute("select set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true)")
    begin = time.perf_counter()
    picked = len(connection.execute(sql.encode(), {"room": ROOM}).fetchall())
    took = time.perf_counter() - begin
    connection.execute("rollback")
    assert picked == ROOM, f"{picked} jobs were picked"  # noqa: S101 (else it measures something else)
    return took


def _worst_share(connection: psycopg.Connection) -> float:
    """How far off its weight the tenant is that is furthest off, as a part of its share."""
    _fill(connection, tenants=WEIGHED, each=len(ROOMS) * PICKS * max(ROOMS) // WEIGHED)
    quotas = connection.execute("select tenant_id, weight from app.job_quotas").fetchall()
    weights: dict[UUID, int] = dict(quotas)
    served: Counter[UUID] = Counter()
    for number in range(PICKS):
        picked = connection.execute(FAIR.encode(), {"room": ROOMS[number % len(ROOMS)]}).fetchall()
        served.update(tenant for tenant, *_ in picked)
        connection.execute(END)
    fair = served.total() / sum(weights.values())
    return float(max(abs(served[tenant] / (fair * weight) - 1) for tenant, weight in weights.items()))


def _fill(connection: psycopg.Connection, *, tenants: int, each: int) -> None:
    connection.execute(EMPTY)
    connection.execute(WEIGH.encode(), {"tenants": tenants})
    connection.execute(FILL.encode(), {"tenants": tenants, "each": each})
    connection.execute("vacuum analyze app.jobs, app.job_quotas")
