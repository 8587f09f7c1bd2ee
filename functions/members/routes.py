"""/v1/members."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.ids import MemberId
from freehold.members import service
from freehold.members.models import Member

router = APIRouter(prefix="/v1/members", tags=["Members"])


@router.get("", response_model=Page[Member], summary="List the members of the tenant")
async def list_all(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first."""
    return json_page(service.read_page(db, caller, page.limit, page.cursor))


@router.get("/{member_id}", summary="Read a member")
async def read(member_id: MemberId, caller: CurrentCaller, db: Db) -> Member:
    """One member of the tenant."""
    return service.read(db, caller, member_id)
