"""What a flag becomes when one thing of it is changed. Whatever else is wrong with it, the operators' function says."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from freehold.flags.rollout import BUCKETS, Shares, leaving
from local.errors import LocalError

type Definition = dict[str, Any]
type Share = tuple[str | None, float]

ALL = 100
_OPERATORS = (
    *("in", "not_in", "starts_with", "ends_with", "contains", "gt", "gte", "lt", "lte", "before", "after"),
    *("exists", "missing"),
)
_NUMERIC = ("gt", "gte", "lt", "lte")


def boolean(key: str) -> Definition:
    """Off for everybody, until a rule or a rollout says otherwise."""
    return _made(key, {"on": True, "off": False}, "off")


def of_variants(key: str, written: str) -> Definition:
    """`blue,green`, which are their own values, or `small=10,large=50`. The first is served until something is said."""
    pairs = [variant.partition("=") for variant in written.split(",")]
    variants = {name.strip(): _value(value) if equals else name.strip() for name, equals, value in pairs}
    if len(variants) < len(pairs) or "" in variants:
        raise LocalError(f"{written!r} names no variants: write blue,green or small=10,large=50, each name once.")
    return _made(key, variants, next(iter(variants)))


def read(key: str, text: str) -> Definition:
    """A definition as JSON; its key may be left out. Raises LocalError."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise LocalError(f"The file is no JSON: {error}.") from None
    if not isinstance(definition, dict):
        raise LocalError("The file has to hold one flag: an object with variants, state, off and otherwise.")
    if definition.get("key", key) != key:
        raise LocalError(f"The file is about the flag {definition['key']!r}, and you have named {key!r}.")
    return {"key": key, **definition}


def switched(flag: Definition, state: str) -> Definition:
    """`on`, `off` or `archived`; an archived one comes back."""
    return flag | {"state": state}


def served(flag: Definition, variant: str) -> Definition:
    """One variant for all whom no rule is about."""
    _check(flag, variant)
    return _open(flag) | {"otherwise": variant}


def rolled_out(flag: Definition, shares: Sequence[Share], by: str | None) -> Definition:
    """Shares of all whom no rule is about. What is left over has the variant that is served while the flag is off."""
    held = _open(flag)["otherwise"]
    unit = by or (held["by"] if isinstance(held, dict) else "tenant")
    return flag | {"otherwise": {"split": split(flag, shares), "by": unit}}


def split(flag: Definition, shares: Sequence[Share]) -> dict[str, float]:
    """Shares that add up to 100. Raises LocalError."""
    named = [(name or _other(flag), share) for name, share in shares]
    for name, _ in named:
        _check(flag, name)
    found = dict(named)
    if len(found) < len(named):
        raise LocalError("A variant has two shares: name each one once.")
    left = round(ALL - sum(found.values()), 3)
    if left < 0 or (left > 0 and flag["off"] in found):
        raise LocalError(f"The shares add up to {round(ALL - left, 3):g} %: make them add up to 100 %.")
    return found | ({flag["off"]: left} if left else {})


def lost(before: Definition, after: Definition) -> Iterator[str]:
    """What a rollout takes from those who had another variant than the one that is served while the flag is off."""
    had, has = before["otherwise"], after["otherwise"]
    if isinstance(had, dict) and had["by"] != has["by"]:
        yield f"It is dealt by {has['by']} now, and was by {had['by']}: who has which variant is another matter."
        return
    share = leaving(_dealt(before), _dealt(after), after["off"]) * ALL / BUCKETS
    if share:
        yield f"{share:g} % of all have no longer the variant that they had: it grew against theirs, or theirs shrank."


def _dealt(flag: Definition) -> Shares:
    serve = flag["otherwise"]
    return Shares.of(serve["split"] if isinstance(serve, dict) else {serve: ALL}, flag["variants"], flag["off"])


def with_rule(flag: Definition, rule: Mapping[str, Any], *, first: bool = False) -> Definition:
    """A rule behind the others, or before them. Without an id it has the first number that is free."""
    rules = list(_open(flag).get("rules", ()))
    taken = {each["id"] for each in rules}
    named = rule.get("id") or next(name for n in range(1, len(rules) + 2) if (name := f"rule-{n}") not in taken)
    if named in taken:
        raise LocalError(f"{flag['key']} has a rule {named!r} already: remove it first, or give this one another --id.")
    made = {**rule, "id": named}
    return flag | {"rules": [made, *rules] if first else [*rules, made]}


def without_rule(flag: Definition, name: str) -> Definition:
    """All rules but this one."""
    rules = _open(flag).get("rules", ())
    kept = [rule for rule in rules if rule["id"] != name]
    if len(kept) == len(rules):
        there = ", ".join(rule["id"] for rule in rules) or "none"
        raise LocalError(f"{flag['key']} has no rule {name!r}: it has {there}.")
    return flag | {"rules": kept}


def condition(text: str) -> dict[str, Any]:
    """`plan in scale,pro`, `seats gte 10`, `beta exists`, `country not_in ["de", "at"]`. Raises LocalError."""
    attribute, _, rest = text.strip().partition(" ")
    op, _, values = rest.strip().partition(" ")
    if op in ("is", "not") and values.strip():  # as people say it
        op, _, values = ("in" if op == "is" else "not_in"), "", values.strip().removeprefix("in ")
    if not attribute or op not in _OPERATORS or (not values.strip()) != (op in ("exists", "missing")):
        says = f"write one like 'plan in scale,pro', with one of {', '.join(_OPERATORS)}"
        raise LocalError(f"{text!r} is no condition: {says}.")
    if op in ("exists", "missing"):
        return {"attribute": attribute, "op": "exists", "values": [op == "exists"]}
    return {"attribute": attribute, "op": op, "values": _values(op, values.strip())}


def _values(op: str, written: str) -> list[Any]:
    """Text unless it is JSON, for `1` may be meant as either; a comparison of numbers can only mean numbers."""
    if written.startswith("["):
        found = _value(written)
        return found if isinstance(found, list) else [written]
    values = [value.strip() for value in written.split(",")]
    return [_value(value) for value in values] if op in _NUMERIC else list(values)


def _value(written: str) -> Any:  # noqa: ANN401 (any JSON value)
    try:
        return json.loads(written)
    except ValueError:
        return written


def _made(key: str, variants: Mapping[str, Any], first: str) -> Definition:
    return {"key": key, "variants": dict(variants), "state": "on", "off": first, "otherwise": first}


def _open(flag: Definition) -> Definition:
    if flag["state"] == "archived":
        key = flag["key"]
        raise LocalError(f"{key} is archived: bring it back first, with `freehold flags on {key}` or `off {key}`.")
    return flag


def _check(flag: Definition, variant: str) -> None:
    if variant not in flag["variants"]:
        raise LocalError(f"{flag['key']} has no variant {variant!r}: it has {', '.join(flag['variants'])}.")


def _other(flag: Definition) -> str:
    """The one that a share without a name is of."""
    others: list[str] = [name for name in flag["variants"] if name != flag["off"]]
    if len(others) != 1:
        example = " ".join(f"{name}=25%" for name in others[:2]) or "on=25%"
        raise LocalError(f"{flag['key']} has the variants {', '.join(flag['variants'])}: say which, as in {example}.")
    return others[0]
