"""What each resource of a template costs whether or not anybody calls: one rule for each type that has such a price."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.cost import assumptions, database, running, watching
from infra.cost.free import BY_USE, FREE
from infra.cost.lines import Charge
from infra.cost.prices import HOURS, Prices
from infra.cost.template import Resource, Templates, resources
from infra.errors import SynthesisError
from infra.stage import Stage

type Rule = Callable[[Resource, Prices], Iterator[Charge]]


def fixed(templates: Templates, stage: Stage, prices: Prices) -> Iterator[Charge]:
    """Of every resource, and what they cost together. Raises SynthesisError where no rule knows a type."""
    for resource in resources(templates):
        yield from rule_for(resource)(resource, prices)
    yield from watching.metrics(templates, stage)
    yield from running.scheduled(templates, stage)
    yield from database.awake(templates)


def rule_for(resource: Resource) -> Rule:
    """Raises SynthesisError with what to add."""
    if resource.type in RULES:
        return RULES[resource.type]
    if resource.type in FREE or resource.type in BY_USE or resource.type.startswith("Custom::"):
        return _nothing
    raise SynthesisError(
        f"Nobody knows what {resource.type} costs ({resource.id} of {resource.stack}): add a rule to RULES in "
        "infra/cost/resources.py, or name it in infra/cost/free.py with the reason."
    )


def _nothing(_resource: Resource, _prices: Prices) -> Iterator[Charge]:
    yield from ()


def _instance(resource: Resource, _prices: Prices) -> Iterator[Charge]:
    said = resource.properties
    kind = said["InstanceType"]
    yield Charge(name=f"Way out: instance {kind}", price=f"ec2.{kind}", quantity=HOURS)
    if any(face.get("AssociatePublicIpAddress") for face in said.get("NetworkInterfaces", [])):
        yield Charge(name="Way out: public address", price="vpc.ipv4", quantity=HOURS)
    for volume in said.get("BlockDeviceMappings", []):
        size = volume["Ebs"].get("VolumeSize", assumptions.of("root_gb"))
        yield Charge(name="Way out: its volume", price="ebs.gp3", quantity=float(size))


def _endpoint(resource: Resource, _prices: Prices) -> Iterator[Charge]:
    if resource.properties.get("VpcEndpointType", "Gateway") != "Gateway":
        zones = len(resource.properties.get("SubnetIds", [])) or 1
        yield Charge(name="Endpoints inside the network", price="vpc.endpoint", quantity=HOURS * zones)


def _once(name: str, price: str, quantity: float = 1, *, why: str = "") -> Rule:
    def rule(_resource: Resource, _prices: Prices) -> Iterator[Charge]:
        yield Charge(name=name, price=price, quantity=quantity, why=why)

    return rule


def _firewall(resource: Resource, _prices: Prices) -> Iterator[Charge]:
    if resource.type == "AWS::WAFv2::WebACL":
        yield Charge(name="Web application firewall", price="waf.acl", quantity=1)
    rules: list[Any] = resource.properties.get("Rules", [])
    yield Charge(name="Web application firewall: rules", price="waf.rule", quantity=len(rules))


RULES: Mapping[str, Rule] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": running.warm,
    "AWS::CloudWatch::Alarm": watching.alarm,
    "AWS::CloudWatch::CompositeAlarm": _once("Alarms that join others", "cloudwatch.composite"),
    "AWS::CloudWatch::Dashboard": _once("Dashboards", "cloudwatch.dashboard"),
    "AWS::EC2::EIP": _once("Way out: public address", "vpc.ipv4", HOURS),
    "AWS::EC2::Instance": _instance,
    "AWS::EC2::NatGateway": _once("Way out: gateway", "nat.hour", HOURS),
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::KMS::Key": _once("Keys", "kms.key", why="each of the first two yearly rotations adds another"),
    "AWS::Lambda::EventSourceMapping": running.polls,
    "AWS::RDS::DBInstance": database.instance,
    "AWS::RDS::DBProxy": database.proxy,
    "AWS::Route53::HealthCheck": _once("Health checks from outside", "route53.check"),
    "AWS::Route53::HostedZone": _once("Zones of names", "route53.zone"),
    "AWS::SecretsManager::Secret": _once("Secrets", "secret"),
    "AWS::WAFv2::RuleGroup": _firewall,
    "AWS::WAFv2::WebACL": _firewall,
}
"""By the type of a resource."""
