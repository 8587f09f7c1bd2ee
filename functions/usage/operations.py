"""What POST /v1/usage/events is, for the OpenAPI document."""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from freehold.http.lean import Operation
from freehold.usage.models import MOST_EVENTS, CloudEvent, Recorded, UsageBatch, UsageEvent
from freehold.usage.reading import MEDIA_TYPES

SEVERAL = Annotated[list[UsageEvent | CloudEvent], Field(min_length=1, max_length=MOST_EVENTS)]
BODY: TypeAdapter[Any] = TypeAdapter(UsageEvent | CloudEvent | UsageBatch | SEVERAL)

OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/usage/events",
        summary="Record usage",
        description=(
            "One event or up to 1,000, of our own form or as CloudEvents 1.0. All of them are recorded, or none: what"
            " is wrong is named by its place. An event that was recorded before counts once, so repeating is safe."
        ),
        tag="Usage",
        model=Recorded,
        body=BODY,
        media_types=MEDIA_TYPES,
    ),
)
