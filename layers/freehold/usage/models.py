"""Usage as clients send it and see it."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from freehold.fields import DATE_TIME, Input, Moment, Timestamp

MOST_EVENTS = 1_000
LARGEST = 10**15 - 1
METER = r"^[a-z][a-z0-9_]{0,39}$"
API, NOW = "api", "now"


def _countable(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("send a number")  # noqa: TRY004 (pydantic's)
    return value


type Quantity = Annotated[
    int,
    BeforeValidator(_countable),
    Field(
        ge=0, le=LARGEST, description="A whole number, as Stripe bills no fractions: choose a unit that is small enough"
    ),
]
type When = Annotated[
    Moment | None,
    BeforeValidator(lambda given: None if given == NOW else given),
    WithJsonSchema({"anyOf": [DATE_TIME, {"const": NOW}]}),
]
type EventKey = Annotated[str, StringConstraints(min_length=1, max_length=200)]
type MeterId = Annotated[str, StringConstraints(pattern=METER)]


class UsageEvent(Input):
    """Something that was used. Of the same `source`, the same `id` counts once."""

    id: EventKey = Field(description="Your own; send it again with the same event, and it still counts once")
    meter: MeterId = Field(description="What is counted", examples=["api_calls"])
    quantity: Quantity = 1
    time: When = Field(
        None,
        description="When it happened: up to 35 days ago. Without one it is when we receive it",
        json_schema_extra={"default": NOW},
    )
    source: EventKey = API
    subject: EventKey | None = Field(None, description="Who or what used it, in words of your own")
    properties: dict[str, Any] | None = Field(None, description="What else you want to know of it")

    def happened(self, now: datetime) -> datetime:
        """When, for somebody who received it now."""
        return self.time or now

    @property
    def digest(self) -> str:
        """Of what tells it from every other one of its tenant, as 32 hexadecimal digits."""
        return hashlib.blake2b(f"{self.source}\0{self.id}".encode(), digest_size=16).hexdigest()


class CloudData(BaseModel):
    """What a CloudEvent says beside its attributes; all but the quantity become properties."""

    model_config = ConfigDict(extra="allow", frozen=True)

    quantity: Quantity = 1


class CloudEvent(BaseModel):
    """The same as a CloudEvent 1.0: `type` is the meter. Attributes that are not named here are not kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: Literal["1.0"]
    type: MeterId = Field(examples=["api_calls"])
    id: EventKey
    source: EventKey
    time: When = None
    subject: EventKey | None = None
    data: CloudData = CloudData()

    @property
    def usage(self) -> UsageEvent:
        """As one of ours; it was checked already."""
        return UsageEvent.model_construct(
            id=self.id,
            meter=self.type,
            quantity=self.data.quantity,
            time=self.time,
            source=self.source,
            subject=self.subject,
            properties=self.data.model_extra or None,
        )


class UsageBatch(Input):
    """Several at once; a list of them alone is the same."""

    events: Annotated[tuple[UsageEvent | CloudEvent, ...], Field(min_length=1, max_length=MOST_EVENTS)]


class Recorded(BaseModel):
    """How many events were recorded now, and how many had been recorded before."""

    model_config = ConfigDict(frozen=True)

    accepted: int
    duplicates: int


class Window(StrEnum):
    """How long each sum is for."""

    HOUR = "hour"
    DAY = "day"


class Asked(BaseModel):
    """Which sums are asked for; None is all meters, and the usual span."""

    model_config = ConfigDict(frozen=True)

    meter: str | None
    window: Window
    since: datetime | None
    until: datetime | None


class Used(BaseModel):
    """What was used of one meter in an hour or a day, in UTC."""

    meter: str
    start: Timestamp
    quantity: int
    events: int


class UsagePage(BaseModel):
    """The sums of a span of time, oldest first; where nothing was used, there is none."""

    items: tuple[Used, ...]


class MeterNow(BaseModel):
    """How a meter stands in the current period. What is null is without a limit, or not included."""

    meter: str
    name: str
    unit: str
    used: int
    included: int | None = Field(description="How much of it the price that is paid includes")
    limit: int | None = Field(description="How much of it there may be: as the plan, add-ons and what was agreed allow")
    remaining: int | None = Field(description="How much of it is left up to the limit")


class UsageNow(BaseModel):
    """What was used since the current period began: of the subscription, or the calendar month without one."""

    plan: str = Field(description="The one that counts, whether it is agreed, given or paid for")
    period_start: Timestamp
    period_end: Timestamp
    meters: tuple[MeterNow, ...]
