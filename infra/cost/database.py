"""What a database and its proxy cost: instances by the hour, capacity by the unit, the proxy by what is behind it."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.cost import assumptions
from infra.cost.lines import Charge
from infra.cost.prices import HOURS, Prices
from infra.cost.schedules import hours_awake, hours_awake_where_calls_look
from infra.cost.template import Resource, Template, Templates
from infra.stage import Cell, Instance, Serverless

LEAST_VCPUS = 2
LEAST_ACUS = 8
"""What a proxy bills at least: https://aws.amazon.com/rds/proxy/pricing/"""
_SERVERLESS = "db.serverless"


def instance(resource: Resource, _prices: Prices) -> Iterator[Charge]:
    """By its class; one that is serverless, by the least capacity of its cluster."""
    said = resource.properties
    kind = said["DBInstanceClass"].removeprefix("db.")
    aurora = said["Engine"].startswith("aurora")
    if said["DBInstanceClass"] == _SERVERLESS:
        least = capacity(resource.template)[0]
        if least:
            name = f"Database: at least {least:g} ACU"
            yield Charge(name=name, price="aurora.acu", quantity=least * HOURS, why="each instance by itself")
        return
    engine = "Aurora" if aurora else "PostgreSQL"
    yield Charge(name=f"Database: {engine} {kind}", price=f"{'aurora' if aurora else 'rds'}.{kind}", quantity=HOURS)
    if "AllocatedStorage" in said:
        yield Charge(name="Database: storage", price="rds.storage", quantity=float(said["AllocatedStorage"]))


def proxy(resource: Resource, prices: Prices) -> Iterator[Charge]:
    """By the processors of every instance behind it, at least two; by serverless capacity, at least eight units."""
    kinds = [said["DBInstanceClass"] for said in resource.siblings("AWS::RDS::DBInstance")]
    engines = [said["Engine"] for said in resource.siblings("AWS::RDS::DBInstance")]
    if _SERVERLESS in kinds:
        units = max(LEAST_ACUS, capacity(resource.template)[0] * len(kinds))
        why = f"at least {LEAST_ACUS} ACU"
        yield Charge(name="Proxy", price="proxy.acu", quantity=units * HOURS, why=why)
        return
    vcpus = sum(prices.of(_priced(kind, engine)).vcpus for kind, engine in zip(kinds, engines, strict=True))
    why = f"{max(LEAST_VCPUS, vcpus)} vCPU: of every instance, at least {LEAST_VCPUS}"
    yield Charge(name="Proxy", price="proxy.vcpu", quantity=max(LEAST_VCPUS, vcpus) * HOURS, why=why)


def _priced(kind: str, engine: str) -> str:
    return f"{'aurora' if engine.startswith('aurora') else 'rds'}.{kind.removeprefix('db.')}"


def capacity(template: Template) -> tuple[float, float]:
    """Least and most ACU of the cluster in a template; nothing where it is not serverless."""
    for found in template["Resources"].values():
        if found["Type"] == "AWS::RDS::DBCluster" and "ServerlessV2ScalingConfiguration" in found["Properties"]:
            said = found["Properties"]["ServerlessV2ScalingConfiguration"]
            return float(said["MinCapacity"]), float(said["MaxCapacity"])
    return 0, 0


def awake(templates: Templates) -> Iterator[Charge]:
    """What the clock keeps awake of a database that would sleep: each call, until its session ends and then a while."""
    hours = awake_hours(templates)
    if hours:
        acus = assumptions.of("acus_awake")
        why = f"{hours:.0f} hours a month, for what the clock calls once a day"
        yield Charge(name=f"Database: awake at {acus:g} ACU", price="aurora.acu", quantity=hours * acus, why=why)


def awake_hours(templates: Templates) -> float:
    """A month's, of the one cell whose database sleeps; nothing where none does."""
    sleepers = [template for template in templates.values() if _sleeps(template)]
    if not sleepers:
        return 0
    expressions, session, pause = _expressions(templates), _session_seconds(sleepers[0]), _pause_seconds(sleepers[0])
    if _looks_first(templates):
        return hours_awake_where_calls_look(expressions, session=session, pause=pause)
    return hours_awake(expressions, seconds=session + pause)


def _looks_first(templates: Templates) -> bool:
    """Whether what the clock calls often lets it sleep: then a call a day wakes it, and the next looks find that."""
    return any(
        "FREEHOLD_SLEEPER" in found["Properties"].get("Environment", {}).get("Variables", {})
        for template in templates.values()
        for found in template["Resources"].values()
        if found["Type"] == "AWS::Lambda::Function"
    )


def _sleeps(template: Template) -> bool:
    serverless = any(
        found["Type"] == "AWS::RDS::DBInstance" and found["Properties"]["DBInstanceClass"] == _SERVERLESS
        for found in template["Resources"].values()
    )
    return serverless and capacity(template)[0] == 0


def _expressions(templates: Templates) -> list[str]:
    return [
        found["Properties"]["ScheduleExpression"]
        for template in templates.values()
        for found in template["Resources"].values()
        if found["Type"] == "AWS::Scheduler::Schedule"
    ]


def _session_seconds(template: Template) -> float:
    """How long an idle session lives on: the frozen function that holds it does not end it."""
    for found in template["Resources"].values():
        if found["Type"] == "AWS::RDS::DBClusterParameterGroup":
            return float(found["Properties"]["Parameters"].get("idle_session_timeout", 0)) / 1000
    return 0


def _pause_seconds(template: Template) -> float:
    for found in template["Resources"].values():
        scaling = found.get("Properties", {}).get("ServerlessV2ScalingConfiguration", {})
        if "SecondsUntilAutoPause" in scaling:
            return float(scaling["SecondsUntilAutoPause"])
    return assumptions.of("seconds_to_sleep")


def template_of(cell: Cell, *, engine: str = "aurora-postgresql", gigabytes: int | None = None) -> dict[str, Any]:
    """The priced part of what CDK would write for a cell, to compare choices without synthesizing each."""
    kind = f"db.{cell.compute.type}" if isinstance(cell.compute, Instance) else _SERVERLESS
    said: dict[str, Any] = {"DBInstanceClass": kind, "Engine": engine}
    if gigabytes:
        said["AllocatedStorage"] = str(gigabytes)
    found: dict[str, Mapping[str, Any]] = {
        f"Instance{number}": {"Type": "AWS::RDS::DBInstance", "Properties": said} for number in range(cell.readers + 1)
    }
    if isinstance(cell.compute, Serverless):
        scaling = {"MinCapacity": cell.compute.least, "MaxCapacity": cell.compute.most}
        properties = {"ServerlessV2ScalingConfiguration": scaling}
        found["Cluster"] = {"Type": "AWS::RDS::DBCluster", "Properties": properties}
    if cell.proxy:
        found["Proxy"] = {"Type": "AWS::RDS::DBProxy", "Properties": {}}
    return {"Resources": found}
