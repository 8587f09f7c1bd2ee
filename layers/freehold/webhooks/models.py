"""Webhook endpoints, deliveries and their attempts as clients see them."""

from enum import StrEnum
from typing import Annotated, Literal, NewType
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from freehold.fields import Input, Moment, Timestamp, visible
from freehold.ids import MemberId
from freehold.messaging.catalog import EventTypeInfo
from freehold.settings import settings
from freehold.webhooks.targets import Undeliverable, read_target

EndpointId = NewType("EndpointId", UUID)
DeliveryId = NewType("DeliveryId", UUID)

ALL = "*"
LONGEST_OVERLAP = 168  # hours
WAY_OUT = 443
"""The one port that the network of a stage lets functions connect to."""


def _deliverable(url: str) -> str:
    """What can be known of it without asking a name server; the addresses are judged at each attempt."""
    listeners = settings().webhook_listeners
    try:
        target = read_target(url, listeners=listeners)
    except Undeliverable as reason:
        raise ValueError(str(reason)) from None
    if target.port != WAY_OUT and target.listener not in listeners:
        raise ValueError(f"The port has to be {WAY_OUT}.")
    return url


type Url = Annotated[
    str, Field(max_length=2_048, examples=["https://example.com/webhooks"]), AfterValidator(_deliverable)
]
type Description = Annotated[str, Field(max_length=2_000), AfterValidator(visible)]
type Filter = Annotated[str, Field(pattern=r"^(\*|[a-z_]{1,60}\.[a-z_]{1,60})$", examples=["project.created"])]
"""The name of an event type, or `*` for all that you may see, those that come later included."""
type Filters = Annotated[list[Filter], Field(min_length=1, max_length=100)]


class NewEndpoint(Input):
    """Where to send which events. You can choose those that you may see yourself."""

    url: Url
    description: Description = ""
    events: Filters


class EndpointChange(Input):
    """What may be changed; what is left out stays as it is."""

    url: Url | None = None
    description: Description | None = None
    events: Filters | None = None


class Rotation(Input):
    """For how long both secrets sign, so that a receiver can take the new one in its own time."""

    overlap_hours: int = Field(default=24, ge=0, le=LONGEST_OVERLAP)


class Replay(Input):
    """Which events to send again: of a time, and of these types among those that the endpoint is for."""

    since: Moment = Field(examples=["2026-01-01T00:00:00Z"])
    until: Moment | None = None
    events: Filters = Field(default=[ALL])


class Endpoint(BaseModel):
    """An endpoint without its secret."""

    model_config = ConfigDict(frozen=True)

    id: EndpointId
    url: str
    description: str
    events: list[str]
    state: Literal["active", "disabled"]
    disabled_reason: Literal["gone", "failing"] | None = Field(
        description="`gone`: it answered 410. `failing`: nothing arrived for five days."
    )
    disabled_at: Timestamp | None
    failing_since: Timestamp | None = Field(description="Since when no attempt has succeeded.")
    paused_until: Timestamp | None = Field(description="Until when nothing is sent, because attempts failed in a row.")
    previous_secret_until: Timestamp | None = Field(description="Until when the secret before signs as well.")
    created_by: MemberId
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class EndpointWithSecret(Endpoint):
    """The one time that the secret is shown; a repeated request answers without it."""

    secret: str | None = Field(
        description="Keep it now: it is never shown again. null when this answer is a repetition."
    )


class Shown(StrEnum):
    """Which deliveries a list shows."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ALL = "all"


class Delivery(BaseModel):
    """One event for one endpoint. `failed` is for good, until you have it sent again."""

    model_config = ConfigDict(frozen=True)

    id: DeliveryId
    endpoint_id: EndpointId
    event_id: UUID = Field(description="The receiver's `webhook-id`: the same for each attempt and each replay.")
    event_type: str
    state: Literal["pending", "succeeded", "failed"]
    attempts: int
    last_status: int | None
    last_error: str | None
    next_attempt_at: Timestamp | None
    created_at: Timestamp
    finished_at: Timestamp | None


class Attempt(BaseModel):
    """One request that we made, and what came back: a status, or an error that says why there was none."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    attempted_at: Timestamp
    url: str
    request_headers: dict[str, str]
    status: int | None
    response_headers: dict[str, str] | None
    response_excerpt: str | None = Field(description="How the body began.")
    error: str | None
    milliseconds: int


class DeliveryWithAttempts(Delivery):
    """A delivery with what was sent, and its attempts, the last one first."""

    body: str
    attempt_log: list[Attempt]


class EventTypes(BaseModel):
    """The kinds of events that somebody can choose."""

    items: list[EventTypeInfo]


class Held(BaseModel):
    """The permissions that somebody holds."""

    permissions: list[str]
