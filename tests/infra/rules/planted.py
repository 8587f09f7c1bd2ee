"""Breaking a synthesized stage in one place: each fault says which rule has to find it, and where."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.rules import ENFORCED, RULES
from infra.rules.code import Limits, read_limits
from infra.rules.deployment import Deployment
from infra.stage import STAGES

type Templates = dict[str, dict[str, Any]]
type Place = tuple[str, str]
"""A stack, and the logical id in it."""
type Fault = Callable[[Templates], Place]

GONE = object()
ON, OFF = True, False
BY_NAME = {rule.name: rule for rule in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One violation."""

    rule: str
    fault: Fault
    stage: str = "launch"
    limits: Limits | None = None
    manifest: Sequence[Function] = FUNCTIONS
    before: Callable[[Templates], object] | None = None
    """What the stage has to be given first, because ours lacks it."""

    def __str__(self) -> str:
        return self.rule


def broken_by(planted: Planted, templates: Templates) -> set[tuple[str, str, str]]:
    """Every rule that is enforced, and the one in question, with each place."""
    limits = planted.limits or read_limits()
    deployed = Deployment(templates, stage=STAGES[planted.stage], manifest=planted.manifest, limits=limits)
    rules = {rule.name: rule for rule in (*ENFORCED, BY_NAME[planted.rule])}.values()
    return {(rule.name, found.stack, found.resource) for rule in rules for found in rule.find(deployed)}


def declared(name: str, **different: Any) -> tuple[Function, ...]:
    """The manifest with one function declared otherwise."""
    return tuple(replace(each, **different) if each.name == name else each for each in FUNCTIONS)


def resource(templates: Templates, kind: str, about: str = "") -> tuple[Place, dict[str, Any]]:
    """The first of that type in whose id or body the words stand."""
    for stack, template in templates.items():
        for name, body in template["Resources"].items():
            if body["Type"] == kind and (about in name or about in json.dumps(body)):
                return (stack, name), body
    raise AssertionError(f"there is no {kind} about {about!r} to break")


def change(kind: str, path: str, value: object, about: str = "") -> Fault:
    """Give the property at the path (`A/B/0/C`) another value, or none. Beside Properties: `^DeletionPolicy`."""

    def fault(templates: Templates) -> Place:
        place, body = resource(templates, kind, about)
        found = body if path.startswith("^") else body["Properties"]
        *way, last = [int(part) if part.isdigit() else part for part in path.removeprefix("^").split("/")]
        for part in way:
            found = found[part]
        if value is GONE:
            del found[last]
        elif isinstance(last, str):
            found[last] = value
        else:
            found[last : last + 1] = [value]
        return place

    return fault


def append(kind: str, path: str, value: object, about: str = "") -> Fault:
    """Put another entry behind those of a list."""

    def fault(templates: Templates) -> Place:
        place, body = resource(templates, kind, about)
        found = body["Properties"]
        for part in path.split("/"):
            found = found[int(part) if part.isdigit() else part]
        found.append(value)
        return place

    return fault


def add(kind: str, properties: dict[str, Any], *, stack: str = "messaging", name: str = "Planted") -> Fault:
    """One resource more."""

    def fault(templates: Templates) -> Place:
        templates[stack]["Resources"][name] = {"Type": kind, "Properties": properties}
        return stack, name

    return fault


def drop(kind: str, about: str = "", *, found_at: tuple[str, str] | None = None) -> Fault:
    """One resource less; it is missed by the one of that type about those words, or by nothing that is there."""

    def fault(templates: Templates) -> Place:
        (stack, name), _ = resource(templates, kind, about)
        del templates[stack]["Resources"][name]
        return resource(templates, *found_at)[0] if found_at else (stack, name)

    return fault
