"""What it costs the client to pass on a page: JSON text from the database, against rows to pydantic to JSON."""

import time
from collections.abc import Iterator

from pydantic import TypeAdapter

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.harness.turns import one_by_one, take_turns
from benchmarks.harness.world import Row, World
from freehold.database import Database, Query, every
from freehold.http.pagination import BEFORE_ALL
from local.watch import Watch
from product.projects import permissions, queries
from product.projects.models import Project, Status

GOALS = (goals.LISTS,)
ROUNDS, TIMES, LIMIT = 60, 20, 50
PAGE = TypeAdapter(list[Project])


def measure(world: World, watch: Watch) -> Iterator[Figure]:
    """The same page through the same door, both ways."""
    db = Database(world.conninfo())

    def as_text() -> bytes:
        return _page(db, world.any_row())

    def as_rows() -> bytes:
        row = world.any_row()
        return PAGE.dump_json(db.one(row.caller, permissions.PROJECTS_READ, _rows()))

    sides = {"text": as_text, "rows": as_rows}
    blocks = {name: one_by_one(action, times=TIMES, clock=time.thread_time) for name, action in sides.items()}
    samples = take_turns(blocks, rounds=ROUNDS, after_round=watch.at)
    db.close()
    how = f"CPU time of the thread, medians of {TIMES} in each of {ROUNDS} rounds"
    yield measured(goals.LISTS, samples.ratio("text", over="rows"), how=how)


def _page(db: Database, row: Row) -> bytes:
    return db.one(row.caller, permissions.PROJECTS_READ, queries.projects(Status.ACTIVE, LIMIT, BEFORE_ALL))


def _rows() -> Query[list[Project]]:
    """What `queries.projects` wraps, as rows."""
    return every(
        Project,
        "select id, name, description, archived_at, created_by, version, created_at, updated_at from app.projects"
        " where tenant_id = %(tenant_id)s and id < %(cursor)s and archived_at is null order by id desc limit %(limit)s",
        cursor=BEFORE_ALL,
        limit=LIMIT,
    )
