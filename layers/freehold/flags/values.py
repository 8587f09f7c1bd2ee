"""The kinds of value that a flag is made of, each refused with a sentence that says what it has to be."""

import json
import math
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, PlainValidator

from freehold.fields import Moment as AnyMoment
from freehold.fields import visible
from freehold.wording import A_MOMENT

type Scalar = str | int | float | bool
type VariantKind = Literal["boolean", "string", "number", "object"]

LONGEST_TEXT, LONGEST_VALUE, LONGEST_DESCRIPTION = 200, 10_000, 500
FURTHEST = 2**53
_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,79}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")


def kind_of(value: object) -> VariantKind | None:
    """What OpenFeature calls a value of this kind; None for what a variant cannot be."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, dict) else None


def _key(value: object) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise ValueError("It has to be small letters, digits, _, . and -, a letter first, 80 at most, like new-editor")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("It has to be letters, digits, _, . and -, a letter or digit first, 80 at most, like beta")
    return value


def _description(value: str) -> str:
    if len(value) > LONGEST_DESCRIPTION:
        raise ValueError(f"It has to be at most {LONGEST_DESCRIPTION} characters long")
    return visible(value)


def _storable(text: str) -> None:
    """What the database can keep as JSON."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("It contains a character that cannot be kept: leave out NUL and half surrogate pairs")


def _number(value: float) -> None:
    if abs(value) > FURTHEST or not math.isfinite(value):
        raise ValueError(f"It has to be a number from -{FURTHEST} to {FURTHEST}")


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not 1 <= len(value) <= LONGEST_TEXT:
            raise ValueError(f"It has to be 1 to {LONGEST_TEXT} characters long")
        _storable(value)
        return value
    if isinstance(value, int | float):
        _number(value)
        return value
    raise ValueError("It has to be text, a number, true or false")


def _variant(value: object) -> Any:  # noqa: ANN401 (whatever a flag can be)
    kind = kind_of(value)
    if kind is None:
        raise ValueError("It has to be true or false, text, a number or an object")
    if isinstance(value, int | float):
        _number(value)
    text = _as_json(value)
    if len(text) > LONGEST_VALUE:
        raise ValueError(f"It has {len(text)} characters as JSON, and {LONGEST_VALUE} are the most")
    return json.loads(text)  # a copy, which nobody else can change


def _as_json(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("It has to be JSON that is not nested deeply, with numbers that have an end") from None
    _storable(text.replace("\\u0000", "\0"))
    return text


def _share(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:  # noqa: PLR2004 (percent)
        raise ValueError("It has to be a percentage, a number from 0 to 100")
    if round(value, 3) != value:
        raise ValueError("It has to be a percentage with at most three decimals, like 33.333")
    return value


def _moment(value: object) -> object:
    if isinstance(value, str | datetime):
        return value
    raise ValueError(A_MOMENT)


type Key = Annotated[str, PlainValidator(_key)]
type Name = Annotated[str, PlainValidator(_name)]
type Description = Annotated[str, AfterValidator(_description)]
type ConditionValue = Annotated[Scalar, PlainValidator(_scalar)]
type VariantValue = Annotated[Any, PlainValidator(_variant)]
type Share = Annotated[int | float, PlainValidator(_share)]
type Moment = Annotated[AnyMoment, BeforeValidator(_moment)]
