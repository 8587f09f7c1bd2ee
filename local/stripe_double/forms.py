"""How Stripe writes nested parameters in a form or a query: `items[0][price]=…`, and how they are read back.

Every value is text, as on the wire. Under `metadata` keys are names even where they are digits; elsewhere a level whose
keys are all digits is a list, in their order.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode

type Value = str | list[Value] | dict[str, Value]
type Form = dict[str, Value]
type _Node = str | dict[str, _Node]

MOST_FIELDS = 5_000
DEEPEST = 12
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_STEP = re.compile(r"\[([^\[\]]*)\]")
_NAMES = "metadata"


class Malformed(Exception):
    """A form that cannot be read; the sentence says where."""


def decode(text: str | bytes) -> Form:
    """The nested parameters of a form. Raises Malformed."""
    tree: dict[str, _Node] = {}
    for key, value in _fields(text):
        _put(tree, _steps(key), value, key)
    return {name: _settled(name, node) for name, node in tree.items()}


def encode(form: Mapping[str, object]) -> str:
    """The other way, for whoever speaks to the double without an SDK."""
    return urlencode([pair for name, value in form.items() for pair in _flat(name, value)])


def _fields(text: str | bytes) -> list[tuple[str, str]]:
    try:
        words = text.decode() if isinstance(text, bytes) else text
        fields = parse_qsl(words, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise Malformed("The form is not UTF-8.") from None
    except ValueError:
        raise Malformed(f"A form has at most {MOST_FIELDS} fields.") from None
    if any("\0" in part for field in fields for part in field):
        raise Malformed("A parameter holds a NUL.")
    return fields


def _steps(key: str) -> list[str]:
    found = _KEY.fullmatch(key)
    if found is None:
        raise Malformed(f"Invalid parameter name: {key[:80]}")
    steps = [found[1], *_STEP.findall(found[2])]
    if len(steps) > DEEPEST:
        raise Malformed(f"Parameters nest at most {DEEPEST} deep: {key[:80]}")
    return steps


def _put(tree: dict[str, _Node], steps: list[str], value: str, key: str) -> None:
    """An empty step, as in `expand[]`, is the next number."""
    *way, last = steps
    for step in way:
        below = tree.setdefault(step or str(len(tree)), {})
        if isinstance(below, str):
            raise Malformed(f"Invalid object: {key[:80]} is a value and holds others.")
        tree = below
    if isinstance(tree.get(last), dict):
        raise Malformed(f"Invalid object: {key[:80]} is a value and holds others.")
    tree[last or str(len(tree))] = value


def _settled(name: str, node: _Node) -> Value:
    if isinstance(node, str):
        return node
    below = {step: _settled(step, under) for step, under in node.items()}
    if name != _NAMES and all(step.isdecimal() and step.isascii() for step in below):
        return [below[step] for step in sorted(below, key=lambda step: (len(step.lstrip("0")), step.lstrip("0")))]
    return below


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case Mapping():
            for below, under in value.items():
                yield from _flat(f"{name}[{below}]", under)
        case list() | tuple():
            for at, under in enumerate(value):
                yield from _flat(f"{name}[{at}]", under)
        case bool():
            yield name, str(value).lower()
        case None:
            pass
        case _:
            yield name, str(value)
