"""Invitations as clients see them: never with their token, which is in the mail alone."""

from typing import Annotated, Literal, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Address, Input, Timestamp
from freehold.ids import MemberId, TenantId
from freehold.roles.models import RoleRef

InvitationId = NewType("InvitationId", UUID)
MOST_AT_ONCE = 500

type Locale = Annotated[
    str, Field(max_length=35, pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$", examples=["de"], description="BCP 47")
]


class Invitee(Input):
    """Whom to invite, and as what."""

    email: Address
    role: RoleRef


class NewInvitation(Invitee):
    """An invitation to be mailed, in this language or else the tenant's."""

    locale: Locale | None = None


class ManyInvitees(Input):
    """People to invite at once."""

    items: Annotated[list[Invitee], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Acceptance(Input):
    """What was mailed: the link's part after `#`."""

    token: Annotated[str, Field(max_length=200)]


class Invitation(BaseModel):
    """An invitation of this tenant."""

    model_config = ConfigDict(frozen=True)

    id: InvitationId
    email: str
    role: str = Field(description="A role that every tenant has, or the id of one of your own", examples=["member"])
    status: Literal["pending", "accepted", "revoked"]
    locale: str
    invited_by: MemberId
    accepted_by: MemberId | None
    expires_at: Timestamp
    sent_at: Timestamp | None = Field(description="When it was mailed last; null until it is")
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class Invited(BaseModel):
    """What became of one of many: `invitation_id` is the pending invitation's, where there is one."""

    email: str
    result: Literal["invited", "already_invited", "already_a_member"]
    invitation_id: InvitationId | None


class ManyInvited(BaseModel):
    """What became of each, in the order in which they were given."""

    items: list[Invited]


class Accepted(BaseModel):
    """The tenant that you belong to now, and who you are there."""

    tenant_id: TenantId
    member_id: MemberId


class AcceptedOnce(Accepted):
    """The same; `replayed` where this person had accepted it before."""

    replayed: bool
