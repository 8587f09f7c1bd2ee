"""/v1/audit."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from freehold.audit import service
from freehold.audit.models import Entry, EntryId, Filter
from freehold.fields import Moment
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.pagination import Page, WantedPage, json_page

router = APIRouter(prefix="/v1/audit", tags=["Audit"])


@router.get("", response_model=Page[Entry], summary="List audit entries")
async def list_all(
    caller: CurrentCaller,
    db: Db,
    page: WantedPage,
    principal: Annotated[
        str | None, Query(max_length=200, description="Who did it, as `principal` of an entry names them")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=100, pattern=r"^[a-z_]+\.[a-z_]+$", examples=["projects.update"])
    ] = None,
    row_id: Annotated[UUID | None, Query(description="The thing that changed")] = None,
    request_id: Annotated[str | None, Query(max_length=200, description="The request that did it")] = None,
    since: Annotated[Moment | None, Query(description="Written at this time or later")] = None,
    until: Annotated[Moment | None, Query(description="Written before this time")] = None,
) -> Response:
    """Newest first; filters can be combined. For all of it, ask for the report `activity`."""
    wanted = Filter(principal=principal, action=action, row_id=row_id, request_id=request_id, since=since, until=until)
    return json_page(service.read_page(db, caller, wanted, page.limit, page.cursor))


@router.get("/{entry_id}", summary="Read an audit entry")
async def read(entry_id: EntryId, caller: CurrentCaller, db: Db) -> Entry:
    """Who changed what, before and after, and under which request."""
    return service.read(db, caller, entry_id)
