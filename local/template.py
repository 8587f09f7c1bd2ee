"""Turn a synthesized template into the one that is deployed on a laptop."""

import datetime as dt
from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from local.emulator_gaps import UNKNOWN_ATTRIBUTES, UNKNOWN_FORMS, UNKNOWN_TYPES

type Template = dict[str, Any]
type Resource = dict[str, Any]

API_ID = "freehold"
"""Pinned, so that the API's address on a laptop never changes."""


RELAY_STAYS = {"FREEHOLD_RELAY_STAYS": "55"}
SLEEPER, NEVER_SLEEPS = "FREEHOLD_SLEEPER", "null"
"""A laptop's database is always awake."""
EVERY_MINUTE = "rate(1 minute)"
"""The relay of the sandbox wakes seldom, so that its database can sleep; on a laptop somebody sits and waits."""
AT_ONCE = 2
"""Calls of one queue's reader. As zips the emulator unpacks a process for each: a dozen of them take the laptop's
processors for ten seconds, and who asked last waits for all. Two is the least that AWS takes."""
UNFILLED = "<aws.scheduler.scheduled-time>"
"""Where EventBridge Scheduler puts the time at which a call was due."""


def for_laptop(
    template: Template,
    *,
    function_host: str | None = None,
    told: Mapping[str, str] = MappingProxyType({}),
    unknown: Container[str] = UNKNOWN_TYPES,
) -> Template:
    """Without what the emulator does not know; with `function_host`, functions run from the working tree behind it.

    `told` are variables of the environment that each function gets besides its own.
    """
    resources: dict[str, Resource] = template["Resources"]
    gone = {name for name, resource in resources.items() if resource["Type"] in unknown or _has_unknown_form(resource)}
    kept = {
        name: _adapt(resource, gone, function_host, told) for name, resource in resources.items() if name not in gone
    }
    return {key: value for key, value in template.items() if key != "Rules"} | {"Resources": kept}


def _has_unknown_form(resource: Resource) -> bool:
    return any((resource["Type"], name) in UNKNOWN_FORMS for name in resource.get("Properties", {}))


def _adapt(resource: Resource, gone: set[str], function_host: str | None, told: Mapping[str, str]) -> Resource:
    adapted = {key: value for key, value in resource.items() if key not in UNKNOWN_ATTRIBUTES}
    if "DependsOn" in adapted:
        adapted["DependsOn"] = [name for name in _as_list(adapted["DependsOn"]) if name not in gone]
    match adapted["Type"]:
        case "AWS::ApiGatewayV2::Api":
            return _adapt_api(adapted)
        case "AWS::Lambda::Function":
            return _adapt_function(adapted, function_host, told)
        case "AWS::Lambda::EventSourceMapping" if function_host is None:
            return _adapt_reader(adapted)
        case "AWS::Scheduler::Schedule":
            return _adapt_schedule(adapted, is_brief=function_host is None)
        case _:
            return adapted


def _adapt_api(api: Resource) -> Resource:
    """The emulator takes CORS from CloudFormation in the words of its own API alone, which begin in lower case."""
    properties = api.get("Properties", {})
    chosen: dict[str, object] = properties.get("CorsConfiguration", _any_origin())
    return _with_properties(
        api,
        Tags=properties.get("Tags", {}) | {"ms-custom-id": API_ID},
        CorsConfiguration={f"{name[0].lower()}{name[1:]}": value for name, value in chosen.items()},
    )


def _adapt_function(function: Resource, function_host: str | None, told: Mapping[str, str]) -> Resource:
    properties = function["Properties"]
    variables = properties.get("Environment", {}).get("Variables", {})
    if SLEEPER in variables:
        told = {**told, SLEEPER: NEVER_SLEEPS}
    added = {**told, **(RELAY_STAYS if variables.keys() >= RELAY_STAYS.keys() else {})}
    if function_host and "Handler" in properties:
        added["MINISTACK_LAMBDA_PROXY_URL"] = f"{function_host}/{properties['Handler']}"
    return _with_properties(function, Environment={"Variables": variables | added}) if added else function


def _adapt_reader(reader: Resource) -> Resource:
    wanted = reader["Properties"].get("ScalingConfig", {}).get("MaximumConcurrency", AT_ONCE)
    return _with_properties(reader, ScalingConfig={"MaximumConcurrency": min(wanted, AT_ONCE)})


def _adapt_schedule(schedule: Resource, *, is_brief: bool) -> Resource:
    """The emulator leaves UNFILLED as it is. The function host fills it in; what runs as zips is over in minutes."""
    properties = schedule["Properties"]
    pace = (
        {"ScheduleExpression": EVERY_MINUTE}
        if properties["ScheduleExpression"].startswith(("rate(", "cron(0/"))
        else {}
    )
    target = properties.get("Target", {})
    if not is_brief or UNFILLED not in target.get("Input", ""):
        return _with_properties(schedule, **pace)
    now = dt.datetime.now(dt.UTC).isoformat()
    return _with_properties(schedule, **pace, Target=target | {"Input": target["Input"].replace(UNFILLED, now)})


def _with_properties(resource: Resource, **properties: object) -> Resource:
    return resource | {"Properties": resource.get("Properties", {}) | properties}


def _as_list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _any_origin() -> dict[str, Any]:
    """Of a stage that has named no origin: an app on any port of this machine works before somebody has chosen.

    No cookie means anything to the API, so that a page of somebody else's gains nothing by it.
    """
    from infra import cors  # noqa: PLC0415 (it reads the manifest, which a product of one function has none of)

    return cors.configuration(["*"])
