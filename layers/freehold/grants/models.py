"""Grants as clients see them, and what a product says of the things that it grants."""

from dataclasses import dataclass
from typing import LiteralString, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.fields import Input, Timestamp
from freehold.ids import MemberId
from freehold.permissions import Permission
from freehold.roles.models import RoleRef

GrantId = NewType("GrantId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A table whose rows are granted one by one, as `app.grantable` was told."""

    table: LiteralString
    """Its name in schema `app`, and what grants and permissions call it."""
    share: Permission
    """What somebody needs to see and change who was granted one; a grant that holds it will do, on its own row."""


class GrantedRole(Input):
    """The role that a member is to have there."""

    role: RoleRef


class Grant(BaseModel):
    """A member's role on one thing. It adds to what they may do everywhere."""

    model_config = ConfigDict(frozen=True)

    id: GrantId
    member_id: MemberId
    resource: str
    resource_id: UUID
    role: str
    created_by: MemberId
    version: int
    created_at: Timestamp
    updated_at: Timestamp
