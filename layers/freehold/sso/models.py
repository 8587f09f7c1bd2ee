"""Connections, domains and sign-ins as clients see them."""

from typing import Annotated, Literal, NewType
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from freehold.callers import OwnProvider
from freehold.fields import Input, Timestamp, visible
from freehold.ids import MemberId, TenantId
from freehold.permissions import Role
from freehold.roles.models import RoleRef
from freehold.sso.names import claimable
from freehold.webhooks.models import Url

ConnectionId = NewType("ConnectionId", UUID)
DomainId = NewType("DomainId", UUID)


def _plain(url: str) -> str:
    if "?" in url:
        raise ValueError("an issuer has no query")
    return url


def _below_owner(role: str) -> str:
    if role == Role.OWNER:
        raise ValueError("nobody becomes an owner by signing in")
    return role


type Issuer = Annotated[
    Url, AfterValidator(_plain), Field(min_length=9, max_length=255, examples=["https://acme.eu.auth0.com/"])
]
type Audience = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(visible)]
type DefaultRole = Annotated[RoleRef, AfterValidator(_below_owner)]
type ConnectionStatus = Literal["enabled", "disabled"]
type DomainName = Annotated[
    str,
    Field(max_length=253, examples=["acme.com"], json_schema_extra={"format": "hostname"}),
    AfterValidator(claimable),
]


class NewConnection(Input):
    """A provider that people of this tenant sign in by."""

    issuer: Issuer = Field(description="Word for word what its tokens say in `iss`")
    audience: Audience = Field(description="What its access tokens say in `aud`, or in `client_id`")
    default_role: DefaultRole = Field(default="member", description="What somebody gets who comes for the first time")
    jit: bool = Field(default=True, description="Whether somebody without an invitation may come at all")
    status: ConnectionStatus = "enabled"


class ConnectionChange(Input):
    """What may be changed; what is left out stays as it is. Another issuer is another connection."""

    audience: Audience | None = None
    default_role: DefaultRole | None = None
    jit: bool | None = None
    status: ConnectionStatus | None = None


class Connection(BaseModel):
    """A provider that a tenant has connected."""

    model_config = ConfigDict(frozen=True)

    id: ConnectionId
    issuer: str
    audience: str
    default_role: RoleRef
    jit: bool
    status: ConnectionStatus
    answered_by: MemberId = Field(description="Who has set it up: it stands in for nobody who holds more than they do")
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class NewDomain(Input):
    """A domain that addresses of this tenant's people lie in."""

    name: DomainName


class Domain(BaseModel):
    """A domain, and the TXT record that shows whose it is."""

    model_config = ConfigDict(frozen=True)

    id: DomainId
    name: str
    record_name: str = Field(examples=["_freehold.acme.com"])
    record_value: str = Field(examples=["freehold-verification=Wm9v"])
    verified_at: Timestamp | None
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class SignedIn(BaseModel):
    """Whom the provider's identity stands for in its tenant."""

    model_config = ConfigDict(frozen=True)

    tenant_id: TenantId
    member_id: MemberId
    role: str
    outcome: Literal["known", "linked", "joined"] = Field(
        description="`linked`: a member with this address, who signs in by this provider from now on"
    )


class Registration(BaseModel):
    """That a tenant accepts the tokens of an issuer for an audience."""

    model_config = ConfigDict(frozen=True)

    audience: str
    tenant_id: TenantId
    connection_id: ConnectionId

    @property
    def own(self) -> OwnProvider:
        """As it stands in an identity."""
        return OwnProvider(tenant_id=self.tenant_id, connection_id=self.connection_id)


class BreakGlass(BaseModel):
    """An owner who may come in past single sign-on, or no longer may."""

    model_config = ConfigDict(frozen=True)

    id: MemberId
    break_glass: bool
    version: int
    updated_at: Timestamp
