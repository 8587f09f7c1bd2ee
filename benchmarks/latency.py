"""What a unit of work costs one millisecond away from the database, in bare round trips.

The distance is a proxy that delays each direction by half a millisecond and counts round trips: a client that sends
after it was answered. Each unit is about another row, of 20 tenants: what more of them cost is a figure of its own.
"""

import itertools
import statistics
from collections.abc import Callable, Iterator

import psycopg

from benchmarks import goals
from benchmarks.figures import Figure, counted, measured
from benchmarks.harness.delay_proxy import Distance, far_from
from benchmarks.harness.turns import one_by_one, take_turns
from benchmarks.harness.world import SMALL, World
from freehold.database import Database
from local.watch import Watch
from product.projects import permissions, queries
from product.projects.models import Project

GOALS = (goals.READ, goals.WRITE, goals.READ_MODIFY_WRITE, goals.READ_TRIPS, goals.WRITE_TRIPS)
ROUNDS, TIMES = 60, 16
_name = itertools.count()

type Action = Callable[[], object]


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """Read, write, read and then write; and the round trips that the proxy saw."""
    with far_from(world.server.port) as distance:
        where = world.conninfo(database=SMALL, port=distance.port)
        with psycopg.connect(where, autocommit=True) as bare:
            db = Database(where)
            units = _units(world, db)
            sides = {"bare": lambda: bare.execute("select 1").fetchone(), **units}
            blocks = {name: one_by_one(action, times=TIMES) for name, action in sides.items()}
            samples = take_turns(blocks, rounds=ROUNDS, after_round=watch.at)
            trips = {name: _trips(distance, action) for name, action in units.items()}
            db.close()
    world.tidy_up(SMALL)
    bare_ms = statistics.median(samples.blocks["bare"]) * 1000
    how = f"medians of {TIMES} in each of {ROUNDS} rounds; the bare round trip took {bare_ms:.2f} ms"
    yield measured(goals.READ, samples.ratio("read", over="bare"), how=f"db.one(…, queries.project(id)); {how}")
    yield measured(goals.WRITE, samples.ratio("write", over="bare"), how=f"db.run(…, queries.update_project(…)); {how}")
    yield measured(
        goals.READ_MODIFY_WRITE,
        samples.ratio("read, then write", over="bare"),
        how=f"db.transaction(…): get, put; {how}",
    )
    for goal, name in ((goals.READ_TRIPS, "read"), (goals.WRITE_TRIPS, "write")):
        yield counted(goal, trips[name], how=f"the most of {TIMES} units, counted by the proxy")


def _units(world: World, db: Database) -> dict[str, Action]:
    def read() -> object:
        row = world.any_row(SMALL)
        return db.one(row.caller, permissions.PROJECTS_READ, queries.project(row.project_id))

    def write() -> object:
        row, project = next(projects)
        return db.run(row.caller, permissions.PROJECTS_WRITE, queries.update_project(_renamed(project)))

    def read_then_write() -> object:
        row = world.any_row(SMALL)
        with db.transaction(row.caller, permissions.PROJECTS_WRITE) as tx:
            current = tx.get(queries.lock_project(row.project_id))
            changed = tx.put(queries.update_project(_renamed(current)))
        return changed.value

    rows = [world.any_row(SMALL) for _ in range(TIMES * 8)]
    read_before = [(r, db.one(r.caller, permissions.PROJECTS_READ, queries.project(r.project_id))) for r in rows]
    projects = itertools.cycle(read_before)
    return {"read": read, "write": write, "read, then write": read_then_write}


def _renamed(project: Project) -> Project:
    return project.model_copy(update={"name": f"Name {next(_name)}"})


def _trips(distance: Distance, action: Action) -> int:
    def once() -> int:
        before = distance.round_trips
        action()
        return distance.round_trips - before

    return max(once() for _ in range(TIMES))
