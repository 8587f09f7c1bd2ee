"""From what a filter says to SQL: fixed columns, fixed comparisons, and every value a parameter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from freehold.scim.filters import MOST_COMPARISONS, AllOf, Comparison, Condition

PLACES: tuple[tuple[str, LiteralString], ...] = (
    ("f0", "%(f0)s"), ("f1", "%(f1)s"), ("f2", "%(f2)s"), ("f3", "%(f3)s"), ("f4", "%(f4)s"),
    ("f5", "%(f5)s"), ("f6", "%(f6)s"), ("f7", "%(f7)s"), ("f8", "%(f8)s"), ("f9", "%(f9)s"),
    ("f10", "%(f10)s"), ("f11", "%(f11)s"), ("f12", "%(f12)s"), ("f13", "%(f13)s"), ("f14", "%(f14)s"),
    ("f15", "%(f15)s"), ("f16", "%(f16)s"), ("f17", "%(f17)s"), ("f18", "%(f18)s"), ("f19", "%(f19)s"),
)  # fmt: skip
"""Two for each comparison, so that the text of a statement is always made of literals."""
assert len(PLACES) == 2 * MOST_COMPARISONS  # noqa: S101 (at import: both say the same)
TESTS: Mapping[str, LiteralString] = {
    "eq": "{column} = {value}",
    "co": "strpos({column}, {value}) > 0",
    "sw": "starts_with({column}, {value})",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How an attribute is asked for. `inside` is where the test stands, for what a person has several of."""

    sql: LiteralString
    exact: bool = False
    """Whether capitals matter."""
    inside: LiteralString = "{test}"
    kind: LiteralString = ""
    """The test of the type of an e-mail address."""
    truth: bool = False


def sql_of(condition: Condition | None, columns: Mapping[str, Column], params: dict[str, str | bool]) -> LiteralString:
    """The condition as SQL; its values go into `params`."""
    if condition is None:
        return "true"
    if isinstance(condition, Comparison):
        return _test(condition, columns[condition.attribute], params)
    joined: LiteralString = " and " if isinstance(condition, AllOf) else " or "
    return "(" + joined.join([sql_of(term, columns, params) for term in condition.terms]) + ")"


def _test(comparison: Comparison, column: Column, params: dict[str, str | bool]) -> LiteralString:
    value = _place(comparison.value, params)
    if column.truth:
        return column.sql + " = " + value + "::boolean"
    text: LiteralString = value + "::text" if column.exact else "lower(" + value + "::text)"
    test = TESTS[comparison.operator].format(column=column.sql, value=text)
    if comparison.kind is not None:
        test += column.kind.format(value=_place(comparison.kind, params))
    return column.inside.format(test=test)


def _place(value: str | bool, params: dict[str, str | bool]) -> LiteralString:  # noqa: FBT001 (what is compared)
    name, place = PLACES[len(params)]
    params[name] = value
    return place
