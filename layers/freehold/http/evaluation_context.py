"""The context of an evaluation: what a client says of whom or what it asks for, read and bounded."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from freehold.errors import BadRequest, ContextRefused
from freehold.flags.attributes import BUILT_IN
from freehold.http.strict_json import check_json

MOST_ATTRIBUTES, LONGEST_NAME, LONGEST_TEXT, LONGEST_LIST = 50, 200, 1000, 100
LARGEST_WHOLE_NUMBER = 2**63
TARGETING_KEY = "targetingKey"
KINDS = "text, a number, true, false, or a list of these"

type Scalar = str | bool | int | float
type Context = Mapping[str, Scalar | tuple[Scalar, ...]]


def read_context(body: bytes) -> Context:
    """The `context` of a request; none is an empty one. An object in it is read as `outer.inner`.

    What we know ourselves, such as the plan, is left out: nobody can say otherwise, nor say it where we know nothing.
    Raises BadRequest, ContextRefused.
    """
    if not body:
        return {}
    check_json(body)
    document = json.loads(body)
    if not isinstance(document, dict):
        raise BadRequest("The body has to be an object with a `context`.")
    context = {} if document.get("context") is None else document["context"]
    if not isinstance(context, dict):
        raise ContextRefused("The `context` has to be an object: its attributes by their names.")
    return _bounded(list(_flat(context)))


def _flat(attributes: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in attributes.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{name}.")
        elif value is not None:
            yield f"{within}{name}", value


def _bounded(given: list[tuple[str, Any]]) -> Context:
    if len(given) > MOST_ATTRIBUTES:
        raise ContextRefused(f"The context has more than {MOST_ATTRIBUTES} attributes: send those that rules ask for.")
    context = {name: _value(_name(name), value) for name, value in given}
    if len(context) < len(given):
        raise ContextRefused("The context has an attribute twice: once by its whole name, once within an object.")
    if not isinstance(context.get(TARGETING_KEY, ""), str):
        raise ContextRefused(f"The `{TARGETING_KEY}` has to be text.")
    return {name: value for name, value in context.items() if name not in BUILT_IN}


def _name(name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME:
        raise ContextRefused(f"The name of an attribute has 1 to {LONGEST_NAME} characters.")
    return name


def _value(name: str, value: Any) -> Scalar | tuple[Scalar, ...]:  # noqa: ANN401 (any JSON value)
    if not isinstance(value, list):
        return _scalar(name, value)
    if len(value) > LONGEST_LIST:
        raise ContextRefused(f"The attribute `{name}` is a list of more than {LONGEST_LIST} values.")
    return tuple(_scalar(name, item) for item in value)


def _scalar(name: str, value: Any) -> Scalar:  # noqa: ANN401 (any JSON value)
    if not isinstance(value, str | bool | int | float):
        raise ContextRefused(f"The attribute `{name}` has to be {KINDS}.")
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ContextRefused(f"The attribute `{name}` is longer than {LONGEST_TEXT} characters.")
    if isinstance(value, int) and abs(value) >= LARGEST_WHOLE_NUMBER:
        raise ContextRefused(f"The attribute `{name}` is a number of more than 64 bits.")
    return value
