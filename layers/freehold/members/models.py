"""Members as clients see them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Input, Timestamp
from freehold.ids import MemberId
from freehold.roles.models import RoleRef


class MemberChange(Input):
    """What may be changed; what is left out stays as it is."""

    role: RoleRef | None = None


class Member(BaseModel):
    """A person's place in this tenant."""

    model_config = ConfigDict(frozen=True)

    id: MemberId
    email: str | None
    name: str | None
    role: str = Field(description="A role that every tenant has, or the id of one of your own", examples=["member"])
    status: Literal["active", "suspended", "deprovisioned", "removed"]
    version: int
    created_at: Timestamp
    updated_at: Timestamp
