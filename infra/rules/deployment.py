"""One stage as its templates say it, for rules to look at: resources by their type, in whichever stack they stand."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from functions.declaration import Function
from infra.rules.code import Limits
from infra.rules.values import Template, called, said, strings
from infra.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where a rule is broken."""

    stack: str
    resource: str
    """Its logical id; where something is missing, what is missing it."""
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One entry of a template."""

    stack: str
    name: str
    kind: str
    body: Mapping[str, Any]
    template: Template

    @property
    def properties(self) -> Mapping[str, Any]:
        """What it was given."""
        given: Mapping[str, Any] = self.body.get("Properties", {})
        return given

    def said(self, *path: str) -> str:
        """The property at the path as text, in which what one resource is called is the same in every stack."""
        value: Any = self.properties
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return "" if value is None else said(value, self.template)

    @cached_property
    def words(self) -> str:
        """Every string that stands in it, a line each."""
        return "\n".join(strings(self.body))

    @property
    def own_name(self) -> str:
        """As a reference to it reads, in this stack or by name in another."""
        return said({"Ref": self.name}, self.template)

    def found(self, what: str = "") -> Finding:
        """This is where."""
        return Finding(stack=self.stack, resource=self.name, what=what)


class Deployment:
    """The stacks of a stage by the last word of their names, in the order in which they are deployed."""

    def __init__(
        self, templates: Mapping[str, Template], *, stage: Stage, manifest: Sequence[Function], limits: Limits
    ) -> None:
        self.templates, self.stage, self.manifest, self.limits = templates, stage, manifest, limits
        self._by_kind: dict[str, list[Resource]] = defaultdict(list)
        for stack, template in templates.items():
            for name, body in template["Resources"].items():
                found = Resource(stack=stack, name=name, kind=body["Type"], body=body, template=template)
                self._by_kind[found.kind].append(found)
        self.aliases = {(alias.said("FunctionName"), alias.said("Name")) for alias in self.every("AWS::Lambda::Alias")}
        """Each as the names of its function and its own."""

    def every(self, *kinds: str) -> Iterator[Resource]:
        """All of these types."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def all(self) -> Iterator[Resource]:
        """Every resource."""
        yield from self.every(*self._by_kind)

    def names(self, *kinds: str) -> set[tuple[str, str]]:
        """Stack and logical id of all of these types."""
        return {(found.stack, found.name) for found in self.every(*kinds)}

    def functions(self) -> Iterator[tuple[Function, Resource]]:
        """Those that the manifest declares, with what was made of them."""
        declared = {self.named(function): function for function in self.manifest}
        for found in self.every("AWS::Lambda::Function"):
            if function := declared.get(found.said("FunctionName")):
                yield function, found

    def declared(self, name: str) -> Function | None:
        """What the manifest says of the function of that name."""
        return next((function for function in self.manifest if self.named(function) == name), None)

    def named(self, function: Function) -> str:
        """As AWS knows it."""
        return f"freehold-{self.stage.name}-{function.name}"

    def is_alias(self, text: str) -> bool:
        """Whether it names an alias of a function of ours."""
        target = called(text)
        return target is not None and target in self.aliases
