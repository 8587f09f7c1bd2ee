"""A list can be filtered by who made its things, and the filter runs past every policy."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.pagination import Page, WantedPage, json_page
from functions.projects import routes
from product.projects import service
from product.projects.models import Project, Status
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/projects",), families=("references",))
MADE = "select coalesce(json_agg(p), '[]') from app.projects p where created_by = %s"


@contextmanager
def plant() -> Iterator[None]:
    """A report that had a connection of its own."""
    router = APIRouter()

    @router.get("/v1/projects", response_model=Page[Project])
    async def list_all(caller: CurrentCaller, db: Db, page: WantedPage, author_id: UUID | None = None) -> Response:
        own = service.read_page(db, caller, Status.ALL, page.limit, page.cursor)
        if author_id is None:
            return json_page(own)
        found = exempt(MADE, author_id)
        return json_page(json.dumps({"items": found[0] if found else [], "next_cursor": None}).encode())

    others = [route for route in routes.router.routes if getattr(route, "endpoint", None) is not routes.list_all]
    router.routes.extend(others)
    with replaced(routes, "router", router):
        yield
