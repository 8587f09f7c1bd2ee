"""JSON as RFC 8259 and PostgreSQL agree on it: what Python's parser lets through and they do not is refused here."""

import json
import math
import re
from typing import Any

from freehold.errors import BadRequest

DEEPEST = 32
SUSPICIOUS = re.compile(rb"\\[bf]|\\u(?:00[01]|[dD][89a-fA-F])")
CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r")
OPENING = (b"[", b"{")


def check_json(data: bytes) -> None:
    """Raise BadRequest for what is not UTF-8 or JSON, NaN, infinity, a key twice, too deep, NUL and lone surrogates."""
    try:
        document = json.loads(
            data.decode(), parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_twins
        )
    except UnicodeDecodeError as error:
        raise BadRequest("The request body is not valid UTF-8.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise BadRequest(f"The request body is not valid JSON: {_described(error)}.") from error
    if sum(map(data.count, OPENING)) > DEEPEST or SUSPICIOUS.search(data):
        _walk(document, DEEPEST)


class _Unacceptable(ValueError):
    """JSON to Python, and not to us."""


def _described(error: ValueError) -> str:
    """Where it broke, without repeating what was sent."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at position {error.pos}"
    return str(error) if isinstance(error, _Unacceptable) else "a number is too long"


def _refuse_constant(name: str) -> Any:  # noqa: ANN401 (json's signature)
    raise _Unacceptable(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Unacceptable("a number is too large")
    return number


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise _Unacceptable("an object has the same key twice")
    return document


def _walk(value: Any, depth: int) -> None:  # noqa: ANN401 (any JSON value)
    if depth < 0:
        raise _too_deep()
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _walk(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _walk(item, depth - 1)


def _check_text(text: str) -> None:
    if any(character in CONTROLS or "\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("The request body holds text that is none: a control character or half of a surrogate pair.")


def _too_deep() -> BadRequest:
    return BadRequest(f"The request body is nested more than {DEEPEST} levels deep.")
