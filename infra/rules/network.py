"""Who can reach whom: nobody from outside but through the API, and nothing more than it needs to."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule
from infra.rules.values import listed, references, said

GROUP, INGRESS, EGRESS = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"
SUBNET, INSTANCE, ROUTE = "AWS::EC2::Subnet", "AWS::EC2::Instance", "AWS::EC2::Route"
_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
_HTTPS = 443
_CLOSED = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}


def _rules(deployed: Deployment, alone: str, within: str) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    """What groups let in or out, whether it stands in the group or beside it."""
    for group in deployed.every(GROUP):
        yield from ((group, rule) for rule in listed(group.properties.get(within)))
    yield from ((rule, rule.properties) for rule in deployed.every(alone))


def _public(rule: Mapping[str, Any]) -> bool:
    """Whether it names addresses of the internet's: all of them, half of them, or somebody's own."""
    ranges = [rule.get("CidrIp"), rule.get("CidrIpv6")]
    return any(isinstance(given, str) and not ip_network(given, strict=False).is_private for given in ranges)


def _let_in(deployed: Deployment) -> Iterator[Finding]:
    return (found.found() for found, rule in _rules(deployed, INGRESS, "SecurityGroupIngress") if _public(rule))


def _talkative(deployed: Deployment) -> Iterator[Finding]:
    """Machines that translate addresses are the way out itself."""
    machines = {
        (machine.stack, name)
        for machine in deployed.every(INSTANCE)
        for name in references([machine.properties.get(key) for key in ("SecurityGroupIds", "NetworkInterfaces")])
    }
    for found, rule in _rules(deployed, EGRESS, "SecurityGroupEgress"):
        https = rule.get("FromPort") == rule.get("ToPort") == _HTTPS
        if _public(rule) and not https and (found.stack, found.name) not in machines:
            yield found.found()
    narrowed = {name for rule in deployed.every(EGRESS) for name in references(rule.properties.get("GroupId"))}
    for group in deployed.every(GROUP):
        said_so = group.properties.get("SecurityGroupEgress") or group.name in narrowed
        if not said_so and (group.stack, group.name) not in machines:
            yield group.found("without a rule, AWS lets everything out")


def _public_database(deployed: Deployment) -> Iterator[Finding]:
    for instance in deployed.every("AWS::RDS::DBInstance"):
        if instance.properties.get("PubliclyAccessible") is not False:
            yield instance.found()


def _url(deployed: Deployment) -> Iterator[Finding]:
    return (url.found() for url in deployed.every("AWS::Lambda::Url"))


def _public_bucket(deployed: Deployment) -> Iterator[Finding]:
    for bucket in deployed.every("AWS::S3::Bucket"):
        closed = bucket.properties.get("PublicAccessBlockConfiguration", {})
        if {name for name, value in closed.items() if value is True} != _CLOSED:
            yield bucket.found()


def _public_address(deployed: Deployment) -> Iterator[Finding]:
    """The way out has one, and nothing else has."""
    for subnet in deployed.every(SUBNET):
        if subnet.properties.get("MapPublicIpOnLaunch") is not False:
            yield subnet.found()
    ways_out = {name for route in deployed.every(ROUTE) for name in references(route.properties.get("InstanceId"))}
    for machine in deployed.every(INSTANCE):
        seen = any(one.get("AssociatePublicIpAddress") for one in machine.properties.get("NetworkInterfaces", []))
        if seen and machine.name not in ways_out:
            yield machine.found()
    translated = {name for gateway in deployed.every("AWS::EC2::NatGateway") for name in references(gateway.properties)}
    for address in deployed.every("AWS::EC2::EIP"):
        if address.name not in translated:
            yield address.found()


def _database_subnets(deployed: Deployment) -> set[str]:
    return {
        name
        for parameter in deployed.every("AWS::SSM::Parameter")
        if parameter.said("Name").endswith("/network/database-subnets")
        for name in references(parameter.properties["Value"])
    }


def _leads_out(deployed: Deployment) -> Iterator[Finding]:
    isolated = _database_subnets(deployed)
    tables = {
        name
        for association in deployed.every(_ASSOCIATION)
        if references(association.properties["SubnetId"]) & isolated
        for name in references(association.properties["RouteTableId"])
    }
    for route in deployed.every(ROUTE):
        if references(route.properties["RouteTableId"]) & tables:
            yield route.found()


def _with_a_shell(deployed: Deployment) -> Iterator[Finding]:
    for machine in deployed.every(INSTANCE, "AWS::EC2::LaunchTemplate"):
        given = machine.properties.get("LaunchTemplateData", machine.properties)
        if "KeyName" in given or given.get("MetadataOptions", {}).get("HttpTokens") != "required":
            yield machine.found()


def _born_open(deployed: Deployment) -> Iterator[Finding]:
    closed = {
        name
        for each in deployed.every("Custom::VpcRestrictDefaultSG")
        for name in references(each.properties.get("DefaultSecurityGroupId"))
    }
    yield from (vpc.found() for vpc in deployed.every("AWS::EC2::VPC") if vpc.name not in closed)


def _out_of_place(deployed: Deployment) -> Iterator[Finding]:
    """A function without a database is outside, where it starts sooner and reaches nothing."""
    subnets = f"/freehold/{deployed.stage.name}/network/subnets"
    for declared, function in deployed.functions():
        given = function.properties.get("VpcConfig", {})
        inside = all(subnets in path for path in _paths(function, given.get("SubnetIds", [None])))
        if (declared.database is None and given) or (declared.database and not (given and inside)):
            yield function.found()


def _paths(function: Resource, values: Iterable[Any]) -> Iterator[str]:
    return (said(value, function.template) for value in values)


RULES = (
    Rule(
        name="nothing-lets-the-internet-in",
        says="No security group lets an address of the internet in: name the group that may come.",
        find=_let_in,
    ),
    Rule(
        name="functions-call-out-by-https",
        says="What calls into the internet does so by port 443 alone; other ports name whom they are for: narrow the "
        "rule.",
        find=_talkative,
    ),
    Rule(
        name="databases-have-no-public-address",
        says="A database says that it is not for the internet: set PubliclyAccessible to false.",
        find=_public_database,
    ),
    Rule(
        name="functions-have-no-url",
        says="A function has no URL of its own, past routes, authorizer and throttling: declare a route.",
        find=_url,
    ),
    Rule(
        name="buckets-are-private",
        says="A bucket refuses whatever would make it public, in all four ways: block public access.",
        find=_public_bucket,
    ),
    Rule(
        name="addresses-are-private",
        says="Only the way out has an address of the internet's: give subnets none, and allocate none besides.",
        find=_public_address,
    ),
    Rule(
        name="databases-lead-nowhere",
        says="From the subnets of databases no route leads anywhere: take it out of their route table.",
        find=_leads_out,
    ),
    Rule(
        name="machines-are-closed",
        says="Nobody logs in to a machine, and it gives credentials to nobody who makes it fetch a URL: no KeyName, "
        "IMDSv2 only.",
        find=_with_a_shell,
    ),
    Rule(
        name="default-groups-are-closed",
        says="The security group that a network is born with lets nobody in or out: close it with "
        "close_default_group().",
        find=_born_open,
    ),
    Rule(
        name="functions-join-the-network-for-the-database",
        says="A function is in the functions' subnets if the manifest gives it a database, and else in none: declare "
        "it.",
        find=_out_of_place,
    ),
)
