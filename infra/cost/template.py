"""Reading synthesized templates: resources, and what they refer to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Template = Mapping[str, Any]
type Templates = Mapping[str, Template]
"""By the name of their stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One of a template."""

    stack: str
    id: str
    type: str
    properties: Mapping[str, Any]
    template: Template

    def siblings(self, kind: str) -> list[Mapping[str, Any]]:
        """Properties of all resources of a type in the same template."""
        found = self.template["Resources"].values()
        return [each.get("Properties", {}) for each in found if each["Type"] == kind]

    def properties_of(self, identifier: str) -> Mapping[str, Any]:
        """Of another one in the same template; nothing where it is elsewhere."""
        found: Mapping[str, Any] = self.template["Resources"].get(identifier, {}).get("Properties", {})
        return found


def resources(templates: Templates) -> Iterator[Resource]:
    """Every resource of every stack."""
    for stack, template in templates.items():
        for identifier, found in template["Resources"].items():
            yield Resource(
                stack=stack,
                id=identifier,
                type=found["Type"],
                properties=found.get("Properties", {}),
                template=template,
            )


def function_of(resource: Resource, target: object) -> Mapping[str, Any]:
    """Properties of the function whose alias or version is named somewhere in `target`."""
    for identifier in refs(target):
        named = resource.properties_of(identifier)
        if "FunctionVersion" in named or "ProvisionedConcurrencyConfig" in named:
            return resource.properties_of(next(refs(named["FunctionName"]), ""))
    return {}


def refs(value: object) -> Iterator[str]:
    """Every logical id that a value refers to."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "Ref" and isinstance(inner, str):
                yield inner
            elif name == "Fn::GetAtt":
                yield str(inner[0])
            else:
                yield from refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from refs(inner)


def declared_name(function: Mapping[str, Any], stage: str) -> str:
    """The name in the manifest of a deployed function."""
    return str(function.get("FunctionName", "")).removeprefix(f"freehold-{stage}-")
