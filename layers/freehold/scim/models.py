"""Connections and groups as clients of the API see them, and people and groups as the database gives them."""

from dataclasses import dataclass
from typing import Any, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.callers import ScimCaller
from freehold.fields import Input, Moment, Name, Timestamp
from freehold.groups.models import GroupRow
from freehold.ids import MemberId
from freehold.roles.models import RoleRef
from freehold.scim.filters import Condition

ScimTokenId = NewType("ScimTokenId", UUID)


class NewScimToken(Input):
    """`default_role` is what people get who are in no group that has a role; nobody becomes an owner by a directory."""

    name: Name
    default_role: RoleRef
    expires_at: Moment | None = None


class ScimToken(BaseModel):
    """A connection without its secret; `hint` is how the secret ends."""

    model_config = ConfigDict(frozen=True)

    id: ScimTokenId
    name: str
    default_role: str
    hint: str
    created_by: MemberId
    created_at: Timestamp
    expires_at: Timestamp | None
    revoked_at: Timestamp | None


class ScimTokenWithSecret(ScimToken):
    """The one time that the secret is shown; a repeated request answers without it."""

    secret: str | None = Field(
        description="Keep it now: it is never shown again. null when this answer is a repetition."
    )


class Leaver(BaseModel):
    """Somebody whom the directory has taken out."""

    model_config = ConfigDict(frozen=True)

    id: MemberId
    email: str | None
    name: str | None
    role: str
    status: str
    created_at: Timestamp
    updated_at: Timestamp


@dataclass(frozen=True, slots=True)
class Directory:
    """Whose directory is calling, and the address of /scim/v2 as it knows it."""

    caller: ScimCaller
    base: str


class Wanted(BaseModel):
    """A person as the directory wants them; `email` is the address of theirs that counts."""

    model_config = ConfigDict(frozen=True)

    user_name: str
    external_id: str | None
    given_name: str | None
    family_name: str | None
    display_name: str | None
    emails: list[dict[str, Any]] = []
    email: str | None
    active: bool


class UserRow(Wanted):
    """A member. `within` says whether the connection could give their role; else it may take them out, no more."""

    id: MemberId
    groups: list[dict[str, str]]
    within: bool
    created_at: Timestamp
    updated_at: Timestamp


class Changed(BaseModel):
    """Who was changed."""

    id: MemberId


class Listing(BaseModel):
    """Which ones, in which order, and how many after how many."""

    model_config = ConfigDict(frozen=True)

    condition: Condition | None = None
    sort_by: str = "id"
    descending: bool = False
    offset: int = 0
    limit: int = 0
    members: bool = True
    """Whether groups are to come with their members."""


class Users(BaseModel):
    """A page of people; `total` counts those of all pages."""

    total: int
    resources: list[UserRow]


class Groups(BaseModel):
    """A page of groups; `total` counts those of all pages."""

    total: int
    resources: list[GroupRow]
