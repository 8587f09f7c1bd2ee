"""What functions cost without a caller: what the clock calls, what is kept warm, what Lambda asks queues."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from infra.cost import assumptions, schedules
from infra.cost.lines import Charge
from infra.cost.prices import HOURS, Prices
from infra.cost.template import Resource, Templates, declared_name, function_of, resources
from infra.errors import SynthesisError
from infra.stage import Stage

MILLION = 1_000_000
_POLL_SECONDS = 20
RELAY = "Clock: relay"
"""The line of what the one function costs that may run all day."""


def scheduled(templates: Templates, stage: Stage) -> Iterator[Charge]:
    """Calls, and the time that each takes: what it stays, or a second."""
    for resource in resources(templates):
        if resource.type == "AWS::Scheduler::Schedule":
            yield from _scheduled(resource, stage)


def _scheduled(resource: Resource, stage: Stage) -> Iterator[Charge]:
    function = function_of(resource, resource.properties["Target"]["Arn"])
    if not function:
        raise SynthesisError(f"The schedule {resource.id} of {resource.stack} calls no function that can be priced.")
    calls = schedules.calls(resource.properties["ScheduleExpression"])
    seconds = _seconds(function)
    name = declared_name(function, stage.name)
    yield Charge(
        name=RELAY if name == "relay" else "Clock: everything else",
        price="lambda.gb-second",
        quantity=calls * seconds * memory_gb(function),
        why=f"{function['MemorySize']} MB, {seconds:g} s a call" if name == "relay" else "",
    )
    if "FREEHOLD_SLEEPER" in function.get("Environment", {}).get("Variables", {}):
        yield Charge(name="Clock: looks whether somebody is there", price="cloudwatch.look", quantity=calls / 1000)
    yield Charge(name="Clock: calls", price="scheduler", quantity=calls / MILLION)
    yield Charge(name="Clock: calls of Lambda", price="lambda.request", quantity=calls / MILLION)


def _seconds(function: Mapping[str, Any]) -> float:
    stays = function.get("Environment", {}).get("Variables", {}).get("FREEHOLD_RELAY_STAYS", "0")
    return max(float(stays), assumptions.of("schedule_seconds"))


def memory_gb(function: Mapping[str, Any]) -> float:
    """As Lambda bills it."""
    return float(function["MemorySize"]) / 1024


def polls(resource: Resource, _prices: Prices) -> Iterator[Charge]:
    """Lambda asks each queue all day, and an answer that there is nothing is a request too."""
    at_once = resource.properties.get("ScalingConfig", {}).get("MaximumConcurrency", math.inf)
    asked = min(assumptions.of("pollers"), at_once) * HOURS * 3600 / _POLL_SECONDS
    yield Charge(name="Queues: asked while empty", price="sqs", quantity=asked / MILLION)


def warm(resource: Resource, _prices: Prices) -> Iterator[Charge]:
    """The least that is kept ready, hour by hour. What the load adds is used, and bills as use."""
    said = resource.properties
    function = function_of(resource, said["ResourceId"])
    if said["ScalableDimension"] != "lambda:function:ProvisionedConcurrency" or not function:
        raise SynthesisError(
            f"No rule prices what {resource.id} of {resource.stack} scales: teach infra/cost/running.py."
        )
    actions = [
        (each["Schedule"], float(each["ScalableTargetAction"]["MinCapacity"])) for each in said["ScheduledActions"]
    ]
    hours = schedules.instance_hours(float(said["MinCapacity"]), actions)
    quantity = hours * 3600 * memory_gb(function)
    yield Charge(name="Functions kept warm", price="lambda.warm", quantity=quantity)
