"""Filters of RFC 7644 §3.4.2.2, as far as directories send them; everything else is refused in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import AttrPath
from scim2_models.path import Comparison as Compared
from scim2_models.path.expressions import FilterNode, LogicalExpr, ValuePath

from freehold.fields import visible

LONGEST = 1000  # characters
MOST_COMPARISONS = 10
MOST_BRACKETS = 20
"""So many that a person could still read it, and few enough for a parser that calls itself."""

type Operator = Literal["eq", "co", "sw"]
OPERATORS: Mapping[str, Operator] = {"eq": "eq", "co": "co", "sw": "sw"}
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
SHORT = {"emails": "emails.value", "members": "members.value"}
"""What is meant where a list of objects is compared with a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An attribute in lower case, compared; `kind` is the type of the e-mail address that is meant, None for any."""

    attribute: str
    operator: Operator
    value: str | bool
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """What holds where each of them does."""

    terms: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What holds where one of them does."""

    terms: tuple["Condition", ...]


type Condition = Comparison | AllOf | AnyOf


def read_filter(text: str, attributes: frozenset[str]) -> Condition:
    """What the filter says about these attributes. Raises InvalidFilterException with a sentence."""
    if len(text) > LONGEST or text.count("(") + text.count("[") > MOST_BRACKETS:
        raise refused(f"A filter has at most {LONGEST} characters and {MOST_BRACKETS} brackets.")
    condition = _condition(ScimFilter(text).ast, attributes)
    if _count(condition) > MOST_COMPARISONS:
        raise refused(f"A filter has at most {MOST_COMPARISONS} comparisons.")
    return condition


def refused(sentence: str) -> InvalidFilterException:
    """The error that says so."""
    return InvalidFilterException(detail=sentence)


def attribute_of(path: AttrPath) -> str:
    """Its name in lower case, without the schema that it is of by itself."""
    schema = path.uri or CORE
    name = ".".join(part for part in (path.attr, path.sub_attr) if part)
    return name.lower() if schema.lower().startswith(CORE.lower()) else f"{schema}:{name}"


def _condition(node: FilterNode, attributes: frozenset[str]) -> Condition:
    match node:
        case Compared():
            return _comparison(node, attributes)
        case LogicalExpr():
            terms = tuple(_condition(term, attributes) for term in node.terms)
            return AllOf(terms) if node.op.value == "and" else AnyOf(terms)
        case ValuePath() if attribute_of(node.attr_path) == "emails" and "emails.value" in attributes:
            return _selected(node)
        case _:
            raise refused("A filter is made of eq, co and sw, joined by and and or.")


def _comparison(node: Compared, attributes: frozenset[str]) -> Comparison:
    attribute = attribute_of(node.attr_path)
    attribute = SHORT.get(attribute, attribute)
    if attribute not in attributes:
        known = ", ".join(sorted(attributes))
        raise refused(f"There is no filtering by {attribute[:100]}, but by {known}.")
    if node.op.value not in OPERATORS:
        raise refused(f"There is no comparing by {node.op.value}, but by eq, co and sw.")
    if attribute == "active":
        return Comparison(attribute=attribute, operator=_equal(node), value=_truth(node.value))
    if not isinstance(node.value, str):
        raise refused(f"{attribute} is compared with a text in double quotes.")
    try:
        visible(node.value)
    except ValueError as error:
        raise refused(f"{attribute} is compared with a text that nobody has: {error}.") from error
    return Comparison(attribute=attribute, operator=OPERATORS[node.op.value], value=node.value)


def _equal(node: Compared) -> Operator:
    if node.op.value != "eq":
        raise refused("active is compared by eq only.")
    return "eq"


def _truth(value: object) -> bool:
    truths: Mapping[str, bool] = {"true": True, "false": False}
    if str(value).lower() not in truths:
        raise refused("active is compared with true or false.")
    return truths[str(value).lower()]


def _selected(node: ValuePath) -> Comparison:
    """`emails[type eq "work" and value eq "x"]`; so the parser reads `emails[type eq "work"].value eq "x"` too."""
    terms = node.val_filter.terms if isinstance(node.val_filter, LogicalExpr) else (node.val_filter,)
    named = {attribute_of(term.attr_path): term for term in terms if isinstance(term, Compared)}
    kind, value = named.get("type"), named.get("value")
    if len(named) != len(terms) or value is None or named.keys() - {"type", "value"}:
        raise refused('E-mail addresses are selected as in emails[type eq "work" and value eq "ada@example.com"].')
    found = _comparison(Compared(AttrPath("emails", "value"), value.op, value.value), frozenset({"emails.value"}))
    if kind is None:
        return found
    return Comparison(attribute="emails.value", operator=found.operator, value=found.value, kind=str(kind.value))


def _count(condition: Condition) -> int:
    return 1 if isinstance(condition, Comparison) else sum(map(_count, condition.terms))
