"""/v1/groups."""

from fastapi import APIRouter, Response

from freehold.groups import service
from freehold.groups.models import Group, GroupId, GroupRole
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.pagination import Page, WantedPage, json_page

router = APIRouter(prefix="/v1/groups", tags=["SCIM"])


@router.get("", response_model=Page[Group], summary="List the groups of the directory")
async def list_all(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first, with the role that each confers. Your directory says which there are, and who is in them."""
    return json_page(service.read_page(db, caller, page.limit, page.cursor))


@router.put("/{group_id}", summary="Give a group a role")
async def give_role(group_id: GroupId, wanted: GroupRole, caller: CurrentCaller, db: Db) -> Group:
    """Its members have the strongest role of their groups from now on, and never one that you do not hold yourself."""
    return service.give_role(db, caller, group_id, wanted)
