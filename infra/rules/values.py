"""Values of CloudFormation as text: what a reference stands for, as far as a template can know it.

Stacks refer to one another by name and to their own resources by reference. Here both read the same:
`{"Ref": "RelayLive9792C433"}` and `arn:…:function:freehold-launch-relay:live` are one text.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

type Template = Mapping[str, Any]

_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "region", "AWS::AccountId": "account", "AWS::StackId": "stack"}
_ARN = "arn:aws:{service}:region:account:{resource}"
_NAMED = {
    "AWS::Lambda::Function": ("FunctionName", "lambda", "function:"),
    "AWS::SQS::Queue": ("QueueName", "sqs", ""),
    "AWS::SNS::Topic": ("TopicName", "sns", ""),
    "AWS::Events::EventBus": ("Name", "events", "event-bus/"),
}
"""By type: what its name is called, and what its ARN says before it."""
_REFERRED_BY = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::CodeDeploy::DeploymentConfig": "DeploymentConfigName",
}
"""By type: the name that a reference to it stands for, where it was given one."""

_CALLED = re.compile(r"(?:^|function:)(?P<name>freehold-[\w-]+)(?::(?P<qualifier>[\w$-]+))?")
_SUBSTITUTED = re.compile(r"\$\{([^}!]+)\}")


def said(value: Any, template: Template) -> str:  # noqa: ANN401, PLR0911 (any JSON; a case each)
    """The value as text. What only a deployment knows reads as its logical id, a parameter of SSM as its name."""
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return _referred(name, template)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return _attribute(name, attribute, template)
        case {"Fn::Join": [separator, list(parts)]}:
            return str(separator).join(said(part, template) for part in parts)
        case {"Fn::Select": [place, {"Fn::Split": [separator, whole]}]}:
            parts = said(whole, template).split(separator)
            return parts[int(place)] if 1 < len(parts) > int(place) else f"{separator.join(parts)}[{place}]"
        case {"Fn::Sub": str(text)}:
            return _SUBSTITUTED.sub(lambda found: _referred(found[1], template), text)
        case _:
            return json.dumps(value)


def called(text: str) -> tuple[str, str | None] | None:
    """The function that an ARN or a name leads to, and its alias or version; none where it leads to none of ours."""
    found = _CALLED.search(text)
    return (found["name"], found["qualifier"]) if found else None


def listed(value: Any) -> list[Any]:  # noqa: ANN401 (any JSON)
    """A list of what may stand alone."""
    return value if isinstance(value, list) else [] if value is None else [value]


def strings(value: Any) -> list[str]:  # noqa: ANN401 (any JSON)
    """Every string in it, those of keys included."""
    found, left = list[str](), [value]
    while left:
        match left.pop():
            case str(text):
                found.append(text)
            case dict(named):
                left += (*named, *named.values())
            case list(several):
                left += several
    return found


def references(value: Any) -> set[str]:  # noqa: ANN401 (any JSON)
    """Logical ids and parameters that it refers to."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return {name}
        case dict():
            return set().union(*map(references, value.values()))
        case list():
            return set().union(*map(references, value))
    return set()


def _referred(name: str, template: Template) -> str:
    if name in _PSEUDO or name.startswith("AWS::"):
        return _PSEUDO.get(name, name)
    if name in template.get("Parameters", {}):
        return str(template["Parameters"][name].get("Default", name))
    found = template["Resources"].get(name, {})
    properties = found.get("Properties", {})
    match found.get("Type"):
        case "AWS::Lambda::Alias":
            return _qualified(properties, str(properties["Name"]), template)
        case "AWS::Lambda::Version":
            return _qualified(properties, name, template)
        case "AWS::SNS::Topic":
            return _attribute(name, "Arn", template)
        case kind:
            return said(properties.get(_REFERRED_BY.get(kind, ""), name), template)


def _qualified(properties: Mapping[str, Any], qualifier: str, template: Template) -> str:
    function = said(properties["FunctionName"], template)
    return f"{_ARN.format(service='lambda', resource=f'function:{function}')}:{qualifier}"


def _attribute(name: str, attribute: str, template: Template) -> str:
    found = template["Resources"].get(name, {})
    kind, properties = found.get("Type"), found.get("Properties", {})
    if kind in _NAMED:
        key, service, before = _NAMED[kind]
        own = str(properties.get(key, name))
        return own if attribute == key else _ARN.format(service=service, resource=f"{before}{own}")
    return name if attribute == "Version" else f"{name}.{attribute}"
