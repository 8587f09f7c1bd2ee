"""Routes of other shapes than ours: filters, searches, bulk changes and exports are armed, and no false alarm."""

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated
from uuid import UUID

import pytest
from fastapi import APIRouter, Query, Response
from fastapi.routing import APIRoute
from pydantic import Field

from freehold.database import page
from freehold.database.migrations.bootstrap import DATABASE
from freehold.fields import Input
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.settings import settings
from functions.declaration import Function
from functions.manifest import FUNCTIONS
from functions.projects import routes
from local import gateway
from local.postgres import SUPERUSER, Postgres
from product.projects import queries
from product.projects.models import Project
from product.projects.permissions import PROJECTS_READ, PROJECTS_WRITE
from proof.http import Focus, Stage, attack, on_stage, operations
from proof.http.planting import replaced
from proof.http.rows import Rows
from proof.tally import Tally

LIST, SEARCH, EXPORT = "GET /v1/projects", "GET /v1/projects/search", "GET /v1/projects/export"
BULK, TOUCH = "POST /v1/projects/archive", "POST /v1/projects/touch"
ALL = (LIST, SEARCH, EXPORT, BULK, TOUCH)
FROM = f"select {queries.COLUMNS} from app.projects where tenant_id = %(tenant_id)s and id < %(cursor)s"
FOREIGN = "update app.projects set name = name || '!' where id = any(%(ids)s)"

router = APIRouter()


class Many(Input):
    project_ids: Annotated[list[UUID], Field(min_length=1, max_length=10)]


@router.get("/v1/projects", response_model=Page[Project])
async def list_all(caller: CurrentCaller, db: Db, wanted: WantedPage, created_by: UUID | None = None) -> Response:
    statement = page(
        f"{FROM} and coalesce(created_by = %(by)s::uuid, true) order by id desc",
        limit=wanted.limit,
        cursor=wanted.cursor,
        by=created_by,
    )
    return json_page(db.one(caller, PROJECTS_READ, statement))


@router.get("/v1/projects/search", response_model=Page[Project])
async def search(
    caller: CurrentCaller, db: Db, wanted: WantedPage, q: Annotated[str, Query(min_length=2, max_length=50)]
) -> Response:
    statement = page(
        f"{FROM} and position(%(q)s in name) > 0 order by id desc", limit=wanted.limit, cursor=wanted.cursor, q=q
    )
    return json_page(db.one(caller, PROJECTS_READ, statement))


@router.get("/v1/projects/export")
async def export(caller: CurrentCaller, db: Db, wanted: WantedPage) -> Response:
    table = db.one(caller, PROJECTS_READ, page(f"{FROM} order by id desc", limit=100, cursor=wanted.cursor))
    packed = gzip.compress(b"the projects:\n" + table, mtime=0)
    return Response(packed, media_type="application/csv", headers={"content-encoding": "gzip"})


@router.post("/v1/projects/archive", status_code=204)
async def archive(many: Many, caller: CurrentCaller, db: Db) -> None:
    with db.transaction(caller, PROJECTS_WRITE) as tx:
        for project_id in many.project_ids:
            tx.put(queries.archive_project(project_id))


@router.post("/v1/projects/touch", status_code=204)
async def touch(many: Many, caller: CurrentCaller, db: Db) -> None:
    """It forgets the tenant."""
    with db.transaction(caller, PROJECTS_WRITE) as tx:
        tx.get(queries.projects(queries.Status.ALL, 1, many.project_ids[0]))
    with Rows(f"{settings().database} user={SUPERUSER}") as rows:
        rows.execute(str(caller.tenant_id), FOREIGN, ids=many.project_ids)


@contextmanager
def declared() -> Iterator[None]:
    """In the manifest and the document, for everybody who reads them here."""
    whole = APIRouter()
    ours = [r for r in routes.router.routes if isinstance(r, APIRoute) and r.endpoint is not routes.list_all]
    whole.routes.extend([*router.routes, *ours])
    projects = next(function for function in FUNCTIONS if function.name == "projects")
    known = [*projects.routes, *(route for route in ALL if route not in projects.routes)]
    fresh = Function(name="projects", database="api", product=True, routes=tuple(known))
    functions = [fresh if function is projects else function for function in FUNCTIONS]
    with ExitStack() as back:
        back.enter_context(replaced(routes, "router", whole))
        back.enter_context(replaced(operations, "FUNCTIONS", functions))
        back.enter_context(
            replaced(gateway, "ROUTES", {r: function for function in functions for r in function.routes})
        )
        yield


@pytest.fixture(scope="module")
def odd(server: Postgres) -> Iterator[Stage]:
    with declared(), on_stage(server, DATABASE) as stage:
        yield stage


def attacked(stage: Stage, *chosen: str) -> Tally:
    principals = ("owner of B", "owner of both, in B", "viewer of B")
    return attack(stage, Focus(routes=chosen, principals=principals, calls=40))


class TestOddRoutes:
    def test_that_are_right_are_armed_and_hold(self, odd: Stage):
        tally = attacked(odd, LIST, SEARCH, EXPORT, BULK)
        assert (tally.leaks, tally.unarmed) == ([], [])

    def test_that_change_things_in_bulk_and_forget_the_tenant_are_found(self, odd: Stage):
        tally = attacked(odd, TOUCH)
        assert any("it changed rows" in leak.says for leak in tally.leaks)
        assert tally.unarmed == []
