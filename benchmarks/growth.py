"""What a hundred times as many tenants cost: the same requests through the door, on 20 tenants and on 2,000."""

from collections.abc import Callable, Iterator

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.harness.turns import one_by_one, take_turns
from benchmarks.harness.world import SMALL, World
from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.http.pagination import BEFORE_ALL
from local.watch import Watch
from product.projects import permissions, queries
from product.projects.models import Status

GOALS = (goals.POINT_GROWTH, goals.LIST_GROWTH)
ROUNDS, TIMES, LIMIT = 60, 30, 50


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """A point read and a list of 50."""
    dbs = {name: Database(world.conninfo(database=name)) for name in (SMALL, DATABASE)}
    actions = {f"{kind}, {name}": action for name, db in dbs.items() for kind, action in _actions(world, db, name)}
    blocks = {name: one_by_one(action, times=TIMES) for name, action in actions.items()}
    samples = take_turns(blocks, rounds=ROUNDS, after_round=watch.at)
    for db in dbs.values():
        db.close()
    how = f"medians of {TIMES} in each of {ROUNDS} rounds, a random tenant and project each time, 500 projects a tenant"
    for goal, kind in ((goals.POINT_GROWTH, "point"), (goals.LIST_GROWTH, "list")):
        yield measured(goal, samples.ratio(f"{kind}, {DATABASE}", over=f"{kind}, {SMALL}"), how=how)


def _actions(world: World, db: Database, database: str) -> Iterator[tuple[str, Callable[[], object]]]:
    def point() -> object:
        row = world.any_row(database)
        return db.one(row.caller, permissions.PROJECTS_READ, queries.project(row.project_id))

    def page() -> object:
        row = world.any_row(database)
        return db.one(row.caller, permissions.PROJECTS_READ, queries.projects(Status.ACTIVE, LIMIT, BEFORE_ALL))

    yield "point", point
    yield "list", page
