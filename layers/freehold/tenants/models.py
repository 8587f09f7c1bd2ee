"""Tenants as clients see them."""

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Input, Name, Timestamp
from freehold.ids import MemberId, TenantId
from freehold.permissions import Access


class NewTenant(Input):
    """A company that signs up."""

    name: Name


class TenantChange(Input):
    """What may be changed; what is left out stays as it is."""

    name: Name | None = None
    sso_required: bool | None = Field(
        default=None,
        examples=[False],
        description="Whether people have to sign in by the tenant's own identity provider",
    )
    mfa_required: bool | None = Field(
        default=None, examples=[False], description="Whether people have to sign in with a second factor"
    )
    support_access: bool | None = None


class NewlyMade(BaseModel):
    """A tenant on its first day: what it can set is set as for everybody."""

    model_config = ConfigDict(frozen=True)

    id: TenantId
    name: str
    access: Access
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class Tenant(NewlyMade):
    """The tenant that the caller acts in."""

    support_access: bool = Field(description="Whether an operator may act as a member, to help")
    sso_required: bool = False
    mfa_required: bool = False


class SignedUp(Tenant):
    """A tenant that was made just now, or before under the same Idempotency-Key."""

    replayed: bool


class Membership(BaseModel):
    """A tenant that the signed-in person belongs to, and as what."""

    model_config = ConfigDict(frozen=True)

    id: TenantId
    name: str
    access: Access
    role: str
    member_id: MemberId


class Memberships(BaseModel):
    """All tenants of the signed-in person."""

    items: list[Membership]
