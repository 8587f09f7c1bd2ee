"""/v1/members."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.etags import RequiredIfMatch, etag
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.ids import MemberId
from freehold.members import service
from freehold.members.models import Member, MemberChange

router = APIRouter(prefix="/v1/members", tags=["Members"])


@router.get("", response_model=Page[Member], summary="List the members of the tenant")
async def list_all(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first, those who have gone included."""
    return json_page(service.read_page(db, caller, page.limit, page.cursor))


@router.post("/me/leave", summary="Leave the tenant")
async def leave(caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Member:
    """You are refused from the next request on, and so are the API keys that you made. The last owner cannot leave."""
    return _shown(unpack(service.leave(db, caller, once), response), response)


@router.get("/{member_id}", summary="Read a member")
async def read(member_id: MemberId, caller: CurrentCaller, db: Db, response: Response) -> Member:
    """One member of the tenant."""
    return _shown(service.read(db, caller, member_id), response)


@router.patch("/{member_id}", summary="Change a member's role")
async def change(
    member_id: MemberId,
    wanted: MemberChange,
    caller: CurrentCaller,
    db: Db,
    if_match: RequiredIfMatch,
    response: Response,
) -> Member:
    """It holds from the next request on. You can neither give nor take away what you do not hold yourself."""
    return _shown(service.change(db, caller, member_id, wanted, if_match), response)


@router.post("/{member_id}/suspend", summary="Suspend a member")
async def suspend(
    member_id: MemberId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Member:
    """They are refused from the next request on, with every token and API key of theirs; nothing is lost."""
    return _shown(unpack(service.suspend(db, caller, member_id, once), response), response)


@router.post("/{member_id}/reactivate", summary="Reactivate a suspended member")
async def reactivate(
    member_id: MemberId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Member:
    """They have to sign in again; their API keys work as before."""
    return _shown(unpack(service.reactivate(db, caller, member_id, once), response), response)


@router.post("/{member_id}/end-sessions", summary="End a member's sessions")
async def end_sessions(
    member_id: MemberId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Member:
    """Tokens that were issued until now are refused; they can sign in again. API keys are not concerned."""
    return _shown(unpack(service.end_sessions(db, caller, member_id, once), response), response)


@router.post("/{member_id}/make-owner", summary="Hand the tenant over")
async def make_owner(
    member_id: MemberId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Member:
    """The member becomes an owner and you become an admin, at once. To have two owners, change their role instead."""
    return _shown(unpack(service.make_owner(db, caller, member_id, once), response), response)


@router.delete("/{member_id}", status_code=204, summary="Remove a member")
async def remove(member_id: MemberId, caller: CurrentCaller, db: Db) -> None:
    """Their API keys, grants and invitations end with it. They come back by a new invitation only."""
    service.remove(db, caller, member_id)


def _shown(member: Member, response: Response) -> Member:
    response.headers["ETag"] = etag(member.version)
    return member
