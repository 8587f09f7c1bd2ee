"""API keys as clients see them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Input, Moment, Name, Timestamp
from freehold.ids import ApiKeyId, MemberId

LONGEST_OVERLAP = 7 * 24 * 3600  # seconds

type Scope = Annotated[str, Field(pattern=r"^[a-z_]{1,60}:[a-z_]{1,60}$", examples=["projects:read"])]


class NewApiKey(Input):
    """`scopes` are permissions that you hold yourself; a key never does more than you still may."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=100)]
    expires_at: Moment | None = None


class KeyRotation(Input):
    """For how long the former secret stays good, so that programs can take the new one in their own time."""

    overlap_seconds: int = Field(default=0, ge=0, le=LONGEST_OVERLAP)


class ApiKey(BaseModel):
    """A key without its secret; `hint` is how the secret ends."""

    model_config = ConfigDict(frozen=True)

    id: ApiKeyId
    name: str
    scopes: list[str]
    hint: str
    created_by: MemberId
    created_at: Timestamp
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    previous_until: Timestamp | None = Field(description="Until when the secret before is good as well.")
    last_used_at: Timestamp | None = Field(description="When it was last let in, to about five minutes.")


class ApiKeyWithSecret(ApiKey):
    """The one time that the secret is shown; a repeated request answers without it."""

    secret: str | None = Field(
        description="Keep it now: it is never shown again. null when this answer is a repetition."
    )
