"""Groups as clients see them."""

from typing import Annotated, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Input, Timestamp
from freehold.roles.models import RoleRef

GroupId = NewType("GroupId", UUID)


class Group(BaseModel):
    """A group of the directory, and the role that its members have by it."""

    model_config = ConfigDict(frozen=True)

    id: GroupId
    display_name: str
    external_id: str | None
    role: str | None
    created_at: Timestamp
    updated_at: Timestamp


class GroupRole(Input):
    """The role that the group's members are to have; null for none."""

    role: Annotated[RoleRef | None, Field(examples=["member"])]


class GroupRow(Group):
    """A group with its members."""

    members: list[UUID]
