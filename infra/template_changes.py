"""What deploying one template over another would do to each resource."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from infra.replacement import Resource, following, replacing

type Template = Mapping[str, Any]
type Action = Literal["added", "changed", "replaced", "removed"]

HOLDS = {
    "AWS::Cognito::UserPool": "people's accounts",
    "AWS::DynamoDB::GlobalTable": "a table",
    "AWS::DynamoDB::Table": "a table",
    "AWS::Events::Archive": "events that could be replayed",
    "AWS::KMS::Key": "the key to what is encrypted with it",
    "AWS::RDS::DBCluster": "a database",
    "AWS::RDS::DBInstance": "a database's instance",
    "AWS::RDS::GlobalCluster": "a database",
    "AWS::S3::Bucket": "files",
    "AWS::SecretsManager::Secret": "what a person has written",
    "AWS::SQS::Queue": "messages that wait",
}
"""Types whose replacement or removal loses something, and what. Others do where their template keeps them."""

_KEPT = {"Retain", "RetainExceptOnCreate", "Snapshot"}
_NOT_DEPLOYED = ("Metadata", "DependsOn")
"""Parts of a resource that change nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Of one resource."""

    stack: str
    resource: str
    """Its logical id."""
    kind: str
    action: Action
    properties: tuple[str, ...] = ()
    """Top-level ones that differ; of a replacement, those that make it one."""
    because: str = ""
    """The resource whose replacement makes this one a replacement."""
    loses: str = ""
    """What would be lost; empty where nothing would."""

    @property
    def name(self) -> str:
        """As `--allow` takes it."""
        return f"{self.stack}/{self.resource}"

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"name": self.name}


def changes(stack: str, base: Template, head: Template) -> Iterator[Change]:
    """Each resource that would not stay as it is, in the order of their names."""
    was: Mapping[str, Resource] = base.get("Resources", {})
    becomes: Mapping[str, Resource] = head.get("Resources", {})
    both = sorted(was.keys() & becomes.keys())
    fixed = {name: found for name in both if (found := replacing(was[name], becomes[name]))}
    named = following({name: becomes[name] for name in both}, {*fixed, *_other_parameters(base, head)})
    for name in sorted(was.keys() | becomes.keys()):
        old, new = was.get(name), becomes.get(name)
        if old is None and new is not None:
            yield Change(stack=stack, resource=name, kind=new["Type"], action="added")
        elif old is not None and new is None:
            yield Change(stack=stack, resource=name, kind=old["Type"], action="removed", loses=_lost(old, "Deletion"))
        elif old is not None and new is not None and (name in fixed or name in named):
            yield Change(
                stack=stack,
                resource=name,
                kind=new["Type"],
                action="replaced",
                properties=tuple(fixed.get(name, ())),
                because="" if name in fixed else named[name],
                loses=_lost(old, "UpdateReplace"),
            )
        elif old is not None and new is not None and (differ := tuple(_differing(old, new))):
            yield Change(stack=stack, resource=name, kind=new["Type"], action="changed", properties=differ)


def _other_parameters(base: Template, head: Template) -> set[str]:
    """Parameters whose value may be another than before: what is created with them is replaced."""
    was, becomes = base.get("Parameters", {}), head.get("Parameters", {})
    return {name for name in was.keys() & becomes.keys() if was[name] != becomes[name]}


def _differing(old: Resource, new: Resource) -> Iterator[str]:
    was, becomes = old.get("Properties", {}), new.get("Properties", {})
    yield from (name for name in sorted(was.keys() | becomes.keys()) if was.get(name) != becomes.get(name))
    others = (old.keys() | new.keys()) - {"Properties", *_NOT_DEPLOYED}
    yield from (name for name in sorted(others) if old.get(name) != new.get(name))


def _lost(resource: Resource, occasion: Literal["Deletion", "UpdateReplace"]) -> str:
    """In words, with what CloudFormation does with it."""
    policy = resource.get(f"{occasion}Policy", "Delete")
    if resource["Type"] not in HOLDS and policy not in _KEPT:
        return ""
    what = HOLDS.get(resource["Type"], "what was kept on purpose")
    match policy:
        case "Snapshot":
            return f"{what}, but for a snapshot"
        case "Delete":
            return what
        case _:
            return f"{what}: it stays, and no stack knows it any more"
