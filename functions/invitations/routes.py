"""/v1/invitations."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, CurrentVisitor, Db
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.invitations import service
from freehold.invitations.models import (
    Acceptance,
    Accepted,
    Invitation,
    InvitationId,
    ManyInvited,
    ManyInvitees,
    NewInvitation,
)

router = APIRouter(prefix="/v1/invitations", tags=["Invitations"])


@router.post("", status_code=201, summary="Invite somebody")
async def create(
    new: NewInvitation, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Invitation:
    """They get a mail with a link that is good for seven days and can be used once, by whoever has that address."""
    return unpack(service.create(db, caller, new, once), response)


@router.get("", response_model=Page[Invitation], summary="List invitations")
async def list_all(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first, used and revoked ones included."""
    return json_page(service.read_page(db, caller, page.limit, page.cursor))


@router.post("/import", summary="Invite many people")
async def create_many(
    many: ManyInvitees, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> ManyInvited:
    """Up to 500 at once, each with its own result. A role that you cannot give refuses them all."""
    return unpack(service.create_many(db, caller, many, once), response)


@router.post("/accept", summary="Accept an invitation")
async def accept(
    acceptance: Acceptance,
    visitor: CurrentVisitor,
    db: Db,
    _once: IdempotencyKey,  # the token does what a key would: who accepted it is told so again
    response: Response,
) -> Accepted:
    """Whoever is signed in becomes a member, if their identity provider has verified the address that was invited."""
    return unpack(service.accept(db, visitor, acceptance), response)


@router.get("/{invitation_id}", summary="Read an invitation")
async def read(invitation_id: InvitationId, caller: CurrentCaller, db: Db) -> Invitation:
    """One invitation, without what was mailed."""
    return service.read(db, caller, invitation_id)


@router.post("/{invitation_id}/resend", summary="Send an invitation again")
async def resend(
    invitation_id: InvitationId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Invitation:
    """Its link of before ends, a new one is mailed, good for seven days, and it is from you now."""
    return unpack(service.resend(db, caller, invitation_id, once), response)


@router.delete("/{invitation_id}", status_code=204, summary="Revoke an invitation")
async def revoke(invitation_id: InvitationId, caller: CurrentCaller, db: Db) -> None:
    """Its link ends."""
    service.revoke(db, caller, invitation_id)
