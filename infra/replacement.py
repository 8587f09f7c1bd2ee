"""Whether CloudFormation would put another resource in the place of one: what its schemas say, read with cfn-lint.

A property that only a creation takes ("create only") means a new resource, and the old one is deleted.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

type Resource = Mapping[str, Any]
type Path = tuple[str, ...]

_REGION = "us-east-1"
"""Whose schemas are read: the one that has every type."""
_ALL = "*"


@cache
def create_only(kind: str) -> tuple[Path, ...]:
    """The properties of a type that only a creation takes, `*` for each item of a list. None of a custom resource."""
    from cfnlint.schema import ResourceNotFoundError  # type: ignore[import-untyped] # noqa: PLC0415 - it takes seconds
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped] # noqa: PLC0415 - likewise

    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema
    except ResourceNotFoundError:
        return ()
    named = (*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ()))
    return tuple(sorted(tuple(pointer.split("/")[2:]) for pointer in named))


def replacing(old: Resource, new: Resource) -> list[str]:
    """The create-only properties in which they differ; a type that differs is `Type`."""
    if old["Type"] != new["Type"]:
        return ["Type"]
    was, becomes = old.get("Properties", {}), new.get("Properties", {})
    return [".".join(path) for path in create_only(new["Type"]) if list(_at(was, path)) != list(_at(becomes, path))]


def following(resources: Mapping[str, Resource], gone: Collection[str]) -> dict[str, str]:
    """Resources whose create-only properties name one that is replaced, by whose; and so on from those."""
    found: dict[str, str] = {}
    sources = set(gone)
    while more := {name: by for name, by in _named_by(resources, sources).items() if name not in sources}:
        found |= more
        sources |= more.keys()
    return found


def _named_by(resources: Mapping[str, Resource], sources: Collection[str]) -> dict[str, str]:
    named = {}
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        fixed = [value for path in create_only(resource["Type"]) for value in _at(properties, path)]
        if by := sorted(set(references(fixed)) & set(sources)):
            named[name] = by[0]
    return named


def references(value: Any) -> Iterator[str]:  # noqa: ANN401 (whatever a template holds)
    """The logical ids that a value names."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::GetAtt": str(name)}:
            yield name.partition(".")[0]
        case {"Fn::Sub": str(text) | [str(text), *_] as given}:
            yield from (part.partition("}")[0].partition(".")[0] for part in text.split("${")[1:])
            yield from references(given[1:] if isinstance(given, list) else [])
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:  # noqa: ANN401 (likewise)
    """What lies there. An intrinsic function on the way stands for all that it could become."""
    if not path:
        yield value
        return
    first, *rest = path
    match value:
        case list() if first == _ALL:
            for item in value:
                yield from _at(item, rest)
        case {"Ref": _}:
            yield value
        case dict() if any(key.startswith("Fn::") for key in value):
            yield value
        case dict() if first in value:
            yield from _at(value[first], rest)
