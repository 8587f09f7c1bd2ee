"""Members as clients see them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from freehold.fields import Timestamp
from freehold.ids import MemberId


class Member(BaseModel):
    """A person's place in this tenant."""

    model_config = ConfigDict(frozen=True)

    id: MemberId
    email: str | None
    name: str | None
    role: str
    status: Literal["active", "suspended", "removed"]
    created_at: Timestamp
    updated_at: Timestamp
