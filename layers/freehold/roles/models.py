"""Roles as clients see them."""

from collections.abc import Mapping
from typing import Annotated, Any, NewType
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from freehold.fields import Input, Timestamp, visible
from freehold.permissions import Access, Role

RoleId = NewType("RoleId", UUID)

DESCRIPTIONS: Mapping[Role, str] = {
    Role.OWNER: "Everything, making and unmaking owners included",
    Role.ADMIN: "Everything but making and unmaking owners",
    Role.MEMBER: "Works with what the tenant has",
    Role.VIEWER: "Sees what the tenant has",
    Role.BILLING: "Sees the tenant and its people, and none of its work",
    Role.GUEST: "Sees what is shared with them, and nothing else",
}


def _known(role: str) -> str:
    if role not in set(Role):
        try:
            UUID(role)
        except ValueError:
            raise ValueError("it is neither a role that every tenant has nor the id of one of yours") from None
    return role


def _unlike_every_tenants(name: str) -> str:
    if name.lower() in set(Role):
        raise ValueError("every tenant has a role of this name")
    return name


def _once_each(permissions: list[str]) -> list[str]:
    return sorted(set(permissions))


type RoleRef = Annotated[
    str,
    AfterValidator(_known),
    Field(max_length=36, examples=["member"], description="A role that every tenant has, or the id of one of your own"),
]
type RoleName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
    AfterValidator(visible),
    AfterValidator(_unlike_every_tenants),
]
type RoleDescription = Annotated[str, Field(max_length=500), AfterValidator(visible)]
type PermissionName = Annotated[str, Field(pattern=r"^[a-z_]{1,60}:[a-z_]{1,60}$", examples=["projects:read"])]
type PermissionNames = Annotated[list[PermissionName], Field(max_length=200), AfterValidator(_once_each)]


class NewRole(Input):
    """`permissions` are some that you hold yourself; `GET /v1/permissions` says what each allows."""

    name: RoleName
    description: RoleDescription = ""
    permissions: PermissionNames


class RoleChange(Input):
    """What may be changed; what is left out stays as it is."""

    name: RoleName | None = None
    description: RoleDescription | None = None
    permissions: PermissionNames | None = None


class RoleInfo(BaseModel):
    """A role: one that every tenant has, which its name names, or one of the tenant's own."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(examples=["0198a1b2-0000-7000-8000-000000000001"])
    name: str = Field(examples=["Project leads"])
    description: str
    built_in: bool = Field(examples=[False])
    permissions: list[str] = Field(examples=[["projects:read", "projects:write"]])
    version: int
    created_at: Timestamp | None
    updated_at: Timestamp | None


class Roles(BaseModel):
    """All roles of a tenant: those that every tenant has, then its own, by name."""

    items: list[RoleInfo]


class PermissionInfo(BaseModel):
    """What can be allowed. `resource` names what it can be granted on one by one, where it can."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    needs: Access
    resource: str | None


class Permissions(BaseModel):
    """Everything that can be allowed."""

    items: list[PermissionInfo]


def role_columns(role: RoleRef) -> dict[str, Any]:
    """The parameters `role` and `custom_role`, of which one is None, as every table that confers a role has them."""
    return {"role": role, "custom_role": None} if role in set(Role) else {"role": None, "custom_role": UUID(role)}
