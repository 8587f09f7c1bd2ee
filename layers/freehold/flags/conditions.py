"""What a rule asks of one attribute, and how it is answered whatever kind of value comes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

type Operator = Literal[
    "in", "not_in", "starts_with", "ends_with", "contains", "gt", "gte", "lt", "lte", "before", "after", "exists"
]
type Value = str | int | float | bool
type Test = Callable[[object], bool]

EQUAL, TEXTUAL = ("in", "not_in"), ("starts_with", "ends_with", "contains")
NUMERIC, TEMPORAL = ("gt", "gte", "lt", "lte"), ("before", "after")


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A test of one attribute, which never raises; `missing` is the answer where there is none."""

    attribute: str
    test: Test
    missing: bool
    says: str
    """For people: `plan in "scale"`."""


def compile_condition(attribute: str, op: Operator, values: Sequence[Value]) -> CompiledCondition:
    """Values as `Condition` has checked them."""
    if op == "exists":
        wanted = bool(values[0])
        return CompiledCondition(attribute, lambda _: wanted, missing=not wanted, says=_says(attribute, op, values))
    return CompiledCondition(attribute, _test(op, values), missing=False, says=_says(attribute, op, values))


def moment_of(value: object) -> datetime | None:
    """A moment with its offset, also as text; None for everything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _says(attribute: str, op: Operator, values: Sequence[Value]) -> str:
    if op == "exists":
        return f"{attribute} is {'there' if values[0] else 'missing'}"
    shown = ", ".join(f'"{value}"' if isinstance(value, str) else str(value) for value in values[:3])
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""  # noqa: PLR2004 (as many as are shown)
    return f"{attribute} {op.replace('_', ' ')} {shown}{more}"


def _test(op: Operator, values: Sequence[Value]) -> Test:
    if op == "in":
        return _of_any(_among(values))
    if op == "not_in":
        among = _of_any(_among(values))
        return lambda value: not among(value)
    if op in TEXTUAL:
        return _of_any(_textual(op, tuple(str(value) for value in values)))
    if op in NUMERIC:
        return _of_any(_numeric(op, values[0]))
    return _of_any(_temporal(op, values[0]))


def _of_any(test: Test) -> Test:
    """A list passes where one of its values does."""
    return lambda value: any(map(test, value)) if isinstance(value, (list, tuple)) else test(value)


def _among(values: Sequence[Value]) -> Test:
    """Each kind by itself, for to Python true is 1."""
    texts = frozenset(value for value in values if isinstance(value, str))
    booleans = frozenset(value for value in values if isinstance(value, bool))
    numbers = frozenset(value for value in values if not isinstance(value, (str, bool)))

    def test(value: object) -> bool:
        if isinstance(value, str):
            return value in texts
        if isinstance(value, bool):
            return value in booleans
        return isinstance(value, (int, float)) and value in numbers

    return test


def _textual(op: Operator, parts: tuple[str, ...]) -> Test:
    if op == "starts_with":
        return lambda value: isinstance(value, str) and value.startswith(parts)
    if op == "ends_with":
        return lambda value: isinstance(value, str) and value.endswith(parts)
    return lambda value: isinstance(value, str) and any(part in value for part in parts)


def _numeric(op: Operator, wanted: Value) -> Test:
    bound = float(wanted)
    compare: dict[str, Callable[[float], bool]] = {
        "gt": lambda value: value > bound,
        "gte": lambda value: value >= bound,
        "lt": lambda value: value < bound,
        "lte": lambda value: value <= bound,
    }
    passes = compare[op]
    return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and passes(value)


def _temporal(op: Operator, wanted: Value) -> Test:
    bound = moment_of(wanted)

    def test(value: object) -> bool:
        moment = moment_of(value)
        if moment is None or bound is None:
            return False
        return moment < bound if op == "before" else moment > bound

    return test
