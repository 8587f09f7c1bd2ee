"""Reads what was sent: one event or many, of our own form or as CloudEvents, and says of each what is wrong with it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError

from freehold.errors import InvalidInput
from freehold.usage.models import MOST_EVENTS, CloudEvent, UsageEvent
from freehold.wording import worded

OLDEST, AHEAD = timedelta(days=35), timedelta(minutes=5)
MOST_ERRORS = 100
LONGEST_FIELD = 100
CLOUD = "ce-"
BATCH = "application/cloudevents-batch+json"
MEDIA_TYPES = ("application/json", "application/cloudevents+json", BATCH)


def _kind(value: object) -> str:
    is_cloud = isinstance(value, CloudEvent) or (isinstance(value, Mapping) and "specversion" in value)
    return "cloud" if is_cloud else "ours"


type AnEvent = Annotated[Annotated[UsageEvent, Tag("ours")] | Annotated[CloudEvent, Tag("cloud")], Discriminator(_kind)]
_EVENTS: TypeAdapter[list[UsageEvent | CloudEvent]] = TypeAdapter(
    Annotated[list[AnEvent], Field(min_length=1, max_length=MOST_EVENTS)]
)


def read(body: bytes, headers: Mapping[str, str]) -> list[UsageEvent]:
    """The events of a request, whose body is JSON. Raises InvalidInput, which names each that is wrong by its place."""
    document = json.loads(body) if body else None
    if CLOUD + "specversion" in headers:
        document = _binary(headers, document)
    try:
        found = _EVENTS.validate_python(_listed(document))
    except ValidationError as error:
        raise _refusal(error) from None
    return [event.usage if isinstance(event, CloudEvent) else event for event in found]


def is_of_another_time(events: Iterable[UsageEvent], now: datetime) -> bool:
    """Whether one is too old, or not yet over."""
    return any(not now - OLDEST <= event.happened(now) <= now + AHEAD for event in events)


def check(events: Sequence[UsageEvent], meters: Iterable[str], now: datetime, *, any_time: bool = False) -> None:
    """Raise InvalidInput where one is of no meter of ours, or of another time."""
    known = frozenset(meters)
    there_are = ", ".join(sorted(known)) or "none"
    wrong = []
    for place, event in enumerate(events):
        happened = event.happened(now)
        if event.meter not in known:
            wrong.append(_wrong(place, "meter", f"There is no such meter. There are: {there_are}"))
        if happened > now + AHEAD and not any_time:
            wrong.append(_wrong(place, "time", "It lies more than 5 minutes ahead: check the clock of its sender"))
        if happened < now - OLDEST and not any_time:
            wrong.append(_wrong(place, "time", "It is more than 35 days old, and cannot be billed any more"))
    if wrong:
        raise InvalidInput(errors=wrong[:MOST_ERRORS])


def _listed(document: Any) -> Any:  # noqa: ANN401 (any JSON value)
    if isinstance(document, dict):
        return document["events"] if document.keys() == {"events"} else [document]
    return document


def _binary(headers: Mapping[str, str], data: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON value)
    """A CloudEvent whose attributes are headers, and whose data is the body."""
    attributes = {name.removeprefix(CLOUD): unquote(value) for name, value in headers.items() if name.startswith(CLOUD)}
    return attributes | ({"data": data} if data is not None else {})


def _refusal(error: ValidationError) -> InvalidInput:
    found = error.errors(include_url=False, include_input=False)
    return InvalidInput(errors=[_described(each["loc"], worded(each)) for each in found[:MOST_ERRORS]])


def _described(where: tuple[int | str, ...], message: str) -> dict[str, str]:
    """As FastAPI would name it; which of the two forms it was taken for is nothing to tell."""
    place = where[:1] + where[2:]
    return {"field": ".".join(("body", *map(str, place)))[:LONGEST_FIELD], "message": message}


def _wrong(place: int, field: str, message: str) -> dict[str, str]:
    return {"field": f"body.{place}.{field}", "message": message}
