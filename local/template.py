"""Turn a synthesized template into the one that is deployed on a laptop."""

from collections.abc import Container, Iterable
from typing import Any

from local.emulator_gaps import UNKNOWN_ATTRIBUTES, UNKNOWN_TYPES

type Template = dict[str, Any]
type Resource = dict[str, Any]

API_ID = "freehold"
"""Pinned, so that the API's address on a laptop never changes."""

RELAY_STAYS = {"FREEHOLD_RELAY_STAYS": "55"}
EVERY_MINUTE = "rate(1 minute)"
"""The relay of the sandbox wakes seldom, so that its database can sleep; on a laptop somebody sits and waits."""


def for_laptop(
    template: Template, *, function_host: str | None = None, unknown: Container[str] = UNKNOWN_TYPES
) -> Template:
    """Without what the emulator does not know; with `function_host`, functions run from the working tree behind it."""
    resources: dict[str, Resource] = template["Resources"]
    gone = {name for name, resource in resources.items() if resource["Type"] in unknown}
    kept = {name: _adapt(resource, gone, function_host) for name, resource in resources.items() if name not in gone}
    return {key: value for key, value in template.items() if key != "Rules"} | {"Resources": kept}


def _adapt(resource: Resource, gone: set[str], function_host: str | None) -> Resource:
    adapted = {key: value for key, value in resource.items() if key not in UNKNOWN_ATTRIBUTES}
    if "DependsOn" in adapted:
        adapted["DependsOn"] = [name for name in _as_list(adapted["DependsOn"]) if name not in gone]
    match adapted["Type"]:
        case "AWS::ApiGatewayV2::Api":
            return _with_properties(
                adapted, Tags=adapted.get("Properties", {}).get("Tags", {}) | {"ms-custom-id": API_ID}
            )
        case "AWS::Lambda::Function":
            return _adapt_function(adapted, function_host)
        case "AWS::Scheduler::Schedule" if adapted["Properties"]["ScheduleExpression"].startswith("rate("):
            return _with_properties(adapted, ScheduleExpression=EVERY_MINUTE)
        case _:
            return adapted


def _adapt_function(function: Resource, function_host: str | None) -> Resource:
    properties = function["Properties"]
    told = properties.get("Environment", {}).get("Variables", {})
    added = RELAY_STAYS if told.keys() >= RELAY_STAYS.keys() else {}
    if function_host and "Handler" in properties:
        added = added | {"MINISTACK_LAMBDA_PROXY_URL": f"{function_host}/{properties['Handler']}"}
    return _with_properties(function, Environment={"Variables": told | added}) if added else function


def _with_properties(resource: Resource, **properties: object) -> Resource:
    return resource | {"Properties": resource.get("Properties", {}) | properties}


def _as_list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
