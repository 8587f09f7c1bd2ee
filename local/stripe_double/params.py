"""From a form's text to values, by what each route declares; a name that is not declared is refused as Stripe does.

A declaration is a dict from name to kind: `str`, `int`, `bool`, `float`, `Decimal`, MOMENT (seconds or "now"),
METADATA, FREE (a hash, passed through), a nested declaration, or a list of one kind. Need(kind) must be given. An empty
string clears: None.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.stripe_double.refusals import Refused, invalid

type Given = dict[str, Any]

MOMENT = object()
METADATA = object()
FREE = object()
_LARGEST = 10**12
RANGE: dict[str, Any] = {"gt": int, "gte": int, "lt": int, "lte": int}


@dataclass(frozen=True)
class Need:
    """A parameter without which the request means nothing."""

    kind: Any


@dataclass(frozen=True)
class Either:
    """One of two kinds: the nested declaration where members are given, else the plain one."""

    plain: Any
    nested: dict[str, Any]


def read(declared: Mapping[str, Any], given: object, *, path: str = "") -> Given:
    """The given values, converted; raises Refused for unknown names, absent needs and values of another kind."""
    if not isinstance(given, Mapping):
        raise invalid("Invalid object", param=path)
    for name in given:
        if name not in declared:
            raise _unknown(_inside(path, str(name)))
    for name, kind in declared.items():
        if isinstance(kind, Need) and given.get(name) in (None, "", [], {}):
            wanted = _inside(path, name)
            raise invalid(f"Missing required param: {wanted}.", param=wanted, code="parameter_missing")
    return {name: _convert(declared[name], value, _inside(path, name)) for name, value in given.items()}


def merged(kept: dict[str, str], given: dict[str, str] | None) -> dict[str, str]:
    """Metadata by key: an empty value takes one away, None takes all."""
    if given is None:
        return {}
    return {name: value for name, value in (kept | given).items() if value != ""}


def _convert(kind: Any, value: object, path: str) -> Any:  # noqa: ANN401 - a value has the kind that is declared
    kind = _plain(kind, value)
    if kind is METADATA and isinstance(value, Mapping):
        return {str(name): "" if text is None else str(text) for name, text in value.items()}
    if value is None or value == "":
        return None
    if kind in (FREE, METADATA):
        return _hash(value, path)
    if isinstance(kind, dict):
        return read(kind, value, path=path)
    if isinstance(kind, list):
        found = [_convert(kind[0], each, f"{path}[{at}]") for at, each in enumerate(_listed(value, path))]
        return [each for each in found if each is not None]
    return _scalar(kind, value, path)


def _hash(value: object, path: str) -> object:
    if not isinstance(value, Mapping):
        raise invalid("Invalid object", param=path)
    return value


def _plain(kind: Any, value: object) -> Any:  # noqa: ANN401 - likewise
    if isinstance(kind, Need):
        return _plain(kind.kind, value)
    if isinstance(kind, Either):
        return kind.nested if isinstance(value, Mapping) else kind.plain
    return kind


def _scalar(kind: Any, value: object, path: str) -> Any:  # noqa: ANN401 - likewise
    if isinstance(value, Mapping | list):
        raise invalid(f"Invalid {'string' if kind is str else 'value'}: {value}", param=path)
    text = str(value)
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise invalid(f"Invalid boolean: {text}", param=path)
        return text.lower() == "true"
    if kind is MOMENT:
        return "now" if text == "now" else _number(int, text, path)
    return text if kind is str else _number(kind, text, path)


def _number(kind: Any, text: str, path: str) -> Any:  # noqa: ANN401 - likewise
    with suppress(ValueError, ArithmeticError):
        number = kind(text)
        if -_LARGEST <= number <= _LARGEST:  # nothing is, of what is not a number
            return number
    name = {int: "integer", Decimal: "decimal", float: "number"}[kind]
    raise invalid(f"Invalid {name}: {text}", param=path, code="parameter_invalid_integer")


def _listed(value: object, path: str) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping) and all(str(name).isdigit() for name in value):
        return [value[name] for name in sorted(value, key=lambda name: int(str(name)))]
    raise invalid("Invalid array", param=path)


def _inside(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _unknown(name: str) -> Refused:
    return invalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")
