"""What Stripe tells: read strictly where we go by it, and whatever it holds where we only keep it.

An event is a hint: what holds is fetched from Stripe afterwards. So the object that it is about stays unread, but for
whose it is, and an event of any version of the API can be kept.
"""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from freehold.errors import BadRequest

API_VERSION = "2026-10-28.endive"
"""The version that we ask Stripe for, and that its events have to be told in."""
LARGEST = 512 * 1024  # bytes
DEEPEST = 64
NAME = re.compile(r"[!-~]{1,255}")
"""An id, or a key that somebody has made up."""
THIN = "v2.core.event"
NUL = "\\u0000"
OPENING = (b"[", b"{")

type Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,255}$")]
type EventId = Annotated[str, Field(pattern=r"^evt_[A-Za-z0-9_]{1,200}$")]
type Seconds = Annotated[int, Field(ge=1_000_000_000, lt=10_000_000_000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)


class Told(_Part):
    """`object` is as it was when it happened, `previous_attributes` what of it was otherwise before."""

    object: dict[str, Any]
    previous_attributes: Any = None


class StripeEvent(_Part):
    """An event of Stripe's, of any version. Source: https://docs.stripe.com/api/events/object."""

    id: EventId
    object: Literal["event"]
    type: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}(\.[a-z0-9_]{1,60}){0,5}$")]
    created: Seconds
    livemode: bool
    api_version: Annotated[str, Field(pattern=r"^[!-~]{1,60}$")] | None = None
    account: Id | None = None
    """Of a connected account; an event of our own names none."""
    request: Any = None
    data: Told

    @property
    def happened_at(self) -> datetime:
        """To the second, on a test clock's own time."""
        return datetime.fromtimestamp(self.created, UTC)

    @property
    def object_id(self) -> str | None:
        """Of what it is about; some things have none."""
        return _name(self.data.object.get("id"))

    @property
    def subject(self) -> str:
        """Whom it is about: a customer, a test clock, or the thing itself where it is nobody's.

        A card that was taken away is nobody's any more, and was its customer's.
        """
        before = self.data.previous_attributes
        former = _owner(before) if isinstance(before, dict) else None
        return _owner(self.data.object) or former or self.object_id or self.id

    @property
    def idempotency_key(self) -> str | None:
        """Of the request that caused it; old versions name the request alone."""
        return _name(self.request.get("idempotency_key")) if isinstance(self.request, dict) else None


class ThinEvent(_Part):
    """An event that only names what it is about, and is of no version. Source: https://docs.stripe.com/event-destinations.

    Stripe tells by such ones that it rejects what it took, as of a meter.
    """

    id: EventId
    object: Literal["v2.core.event"]
    type: Annotated[str, Field(pattern=r"^[a-z0-9_.\[\]]{1,255}$")]
    created: Annotated[str, Field(pattern=r"^[0-9T:.+Z-]{10,40}$")]
    livemode: bool
    account: Annotated[str | None, Field(validation_alias="context")] = None
    related_object: dict[str, Any] | None = None

    @property
    def object_id(self) -> str | None:
        """Of what it is about; some things have none."""
        return _name((self.related_object or {}).get("id"))


def parse(raw: bytes) -> Any:  # noqa: ANN401 (any JSON value)
    """The JSON document. Raises BadRequest for what is none, has a key twice, NaN, or is too deep."""
    if sum(map(raw.count, OPENING)) > DEEPEST and _depth(raw) > DEEPEST:
        raise BadRequest(f"The event is nested more than {DEEPEST} levels deep.")
    try:
        return json.loads(raw.decode(), parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_without_twins)
    except ValueError as error:
        raise BadRequest("The event is not valid JSON.") from error


def read(document: object) -> StripeEvent | ThinEvent:
    """The event that a document is. Raises BadRequest, naming what is wrong and never what it holds."""
    is_thin = isinstance(document, dict) and document.get("object") == THIN
    try:
        return (ThinEvent if is_thin else StripeEvent).model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "all of it"
        raise BadRequest(f"The event cannot be read: {first['msg']} ({where}).") from error


def kept(document: object) -> str:
    """The document as the database keeps it: what no text of PostgreSQL holds is replaced. Raises BadRequest."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise BadRequest("The event holds a number that is none.") from error
    return text.encode(errors="replace").decode().replace(NUL, "\\ufffd")


def _owner(told: dict[str, Any]) -> str | None:
    customer = told.get("customer")
    return _name(customer.get("id") if isinstance(customer, dict) else customer)


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and NAME.fullmatch(value) else None


def _depth(raw: bytes) -> int:
    """How deep it is nested at most, without the parser, which gives up on much."""
    depth = deepest = 0
    for bracket in re.findall(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', raw):
        if bracket in OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in (b"]", b"}"):
            depth -= 1
    return deepest


def _refuse(name: str) -> Any:  # noqa: ANN401 (json's signature)
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("an object has the same key twice")
    return document
