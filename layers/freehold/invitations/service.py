"""Inviting people, and taking that back. The mail is a consequence of the event: see `freehold.email`."""

from uuid import UUID

from freehold import permissions
from freehold.database import Answer, Caller, Database, Remembered, Visitor
from freehold.errors import LimitReached
from freehold.invitations import queries
from freehold.invitations.models import (
    Acceptance,
    Accepted,
    Invitation,
    InvitationId,
    ManyInvited,
    ManyInvitees,
    NewInvitation,
)
from freehold.invitations.tokens import read_token


def create(db: Database, caller: Caller, new: NewInvitation, once: Remembered | None) -> Answer[Invitation]:
    """A new invitation. Raises AlreadyAMember, AlreadyExists, and ExceedsYours for a role above one's own."""
    return db.run(caller, permissions.MEMBERS_INVITE, queries.insert_invitation(new), once=once)


def create_many(db: Database, caller: Caller, many: ManyInvitees, once: Remembered | None) -> Answer[ManyInvited]:
    """What became of each. Raises ExceedsYours where one role is above one's own: then nobody is invited."""
    return db.run(caller, permissions.MEMBERS_INVITE, queries.insert_many(many.items), once=once)


def read(db: Database, caller: Caller, invitation_id: InvitationId) -> Invitation:
    """One invitation."""
    return db.one(caller, permissions.MEMBERS_READ, queries.invitation(invitation_id))


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of invitations as JSON."""
    return db.one(caller, permissions.MEMBERS_READ, queries.invitations(limit, cursor))


def resend(db: Database, caller: Caller, invitation_id: InvitationId, once: Remembered | None) -> Answer[Invitation]:
    """The invitation, renewed. Raises ExceedsYours, and NotFound for one that was used or taken back."""
    return db.run(caller, permissions.MEMBERS_INVITE, queries.resend_invitation(invitation_id), once=once)


def revoke(db: Database, caller: Caller, invitation_id: InvitationId) -> None:
    """Take an invitation back. Raises NotFound for one that was used or taken back before."""
    db.run(caller, permissions.MEMBERS_INVITE, queries.revoke_invitation(invitation_id))


def accept(db: Database, visitor: Visitor, acceptance: Acceptance) -> Answer[Accepted]:
    """The membership; the same again for the person who has it already.

    Raises InvitationGone, InvitationForAnother, AlreadyAMember, NotAMember for who was suspended, ExceedsYours
    where the inviter cannot give that role any more, and LimitReached where no seat is free.
    """
    try:
        accepted = db.outside(queries.accept_invitation(visitor, read_token(acceptance.token)))
    except LimitReached as full:
        raise full.to_who_is_not_in_yet() from full
    return Answer(Accepted(**accepted.model_dump(exclude={"replayed"})), replayed=accepted.replayed)
