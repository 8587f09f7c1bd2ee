"""The kinds of value that requests and answers are made of."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

CONTROLS = ("Cc", "Cs")
DATE_TIME = {"type": "string", "format": "date-time"}


def _as_the_database_writes_it(moment: datetime) -> str:
    """RFC 3339 in UTC without trailing zeros, so that what we write and what the database writes agree."""
    seconds, dot, fraction = moment.isoformat().removesuffix("+00:00").partition(".")
    fraction = fraction.rstrip("0")
    return f"{seconds}{dot}{fraction}+00:00" if fraction else f"{seconds}+00:00"


def _in_utc(moment: datetime) -> datetime:
    """The same moment as the database will keep and give back, which is in UTC and before the year 10000."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it lies outside the years 1 to 9999") from None


def visible(text: str) -> str:
    """The text, if a person can see all of it; line breaks, control characters and half surrogate pairs are refused."""
    if any(unicodedata.category(character) in CONTROLS for character in text):
        raise ValueError("it contains control characters")
    return text


type Timestamp = Annotated[
    datetime, PlainSerializer(_as_the_database_writes_it, when_used="json"), WithJsonSchema(DATE_TIME)
]
type Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
type Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(visible)
]
type Address = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[!#-'*+\--9=?A-Z^-~]+@[A-Za-z0-9.-]+$"),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]


class Input(BaseModel):
    """A request body: it says what it means, so fields that we do not know are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IfMatch(BaseModel):
    """The versions of a thing that its changer has seen; None stands for `*`, whichever is there."""

    model_config = ConfigDict(frozen=True)

    versions: frozenset[int] | None

    def matches(self, version: int) -> bool:
        """Whether the thing is still as the changer saw it."""
        return self.versions is None or version in self.versions
