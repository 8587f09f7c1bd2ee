"""What AWS would refuse in the middle of a deploy, and ties that let no stack go alone."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding
from infra.rules.rule import Rule
from infra.rules.values import said

RESOURCES, ROUTES = 400, 290
"""Of 500 in a stack and 300 in an API, so that a deploy of the next feature is not the one that fails."""
_BYTES = 1_000_000
_NAMES = {
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::Events::Rule": ("Name", 64),
    "AWS::Events::Archive": ("ArchiveName", 48),
    "AWS::Scheduler::Schedule": ("Name", 64),
    "AWS::Scheduler::ScheduleGroup": ("Name", 64),
    "AWS::RDS::DBCluster": ("DBClusterIdentifier", 63),
    "AWS::RDS::DBProxy": ("DBProxyName", 63),
}
"""By type: what its name is called, and how long AWS lets it be."""
_DESCRIPTION = 256
_LONGEST = {
    "conninfo": "host=freehold-sandbox-pool.cluster-ro-abcdefghijkl.ap-southeast-7.rds.amazonaws.com port=5432 "
    "dbname=freehold sslmode=verify-full connect_timeout=20",
    "clients": "sg-0123456789abcdef0",
    "conninfo[1][0]": "endpoint",
    **{f"subnets[{zone}]": "subnet-0123456789abcdef0" for zone in range(3)},
    "digest": "01234567-01234567",
    "issuers-digest": "0123456789abcdef",
}
"""The longest values of the parameters that descriptions are made of, by the end of their names."""
_PARAMETER = re.compile(r"/freehold/[^\s,]+")
_VARIABLES = 4096
_ROLE_POLICIES = 10_240
_TIES = frozenset({"Fn::ImportValue", "Fn::GetStackOutput"})


def _too_many(deployed: Deployment) -> Iterator[Finding]:
    for stack, template in deployed.templates.items():
        if len(template["Resources"]) >= RESOURCES:
            yield Finding(stack=stack, resource="Resources", what=f"{len(template['Resources'])} of {RESOURCES}")


def _too_large(deployed: Deployment) -> Iterator[Finding]:
    for stack, template in deployed.templates.items():
        if (size := len(json.dumps(template, indent=1).encode())) > _BYTES:
            yield Finding(stack=stack, resource="Template", what=f"{size} bytes")


def _too_many_routes(deployed: Deployment) -> Iterator[Finding]:
    routes = Counter((route.stack, route.said("ApiId")) for route in deployed.every("AWS::ApiGatewayV2::Route"))
    yield from (Finding(stack=stack, resource=api) for (stack, api), number in routes.items() if number >= ROUTES)


def _too_long(deployed: Deployment) -> Iterator[Finding]:
    for kind, (name, most) in _NAMES.items():
        for found in deployed.every(kind):
            if len(found.said(name)) > most:
                yield found.found(found.said(name))


def _too_much_said(deployed: Deployment) -> Iterator[Finding]:
    for kind in ("AWS::Lambda::Version", "AWS::Lambda::Function"):
        for found in deployed.every(kind):
            if len(_longest(found.said("Description"))) > _DESCRIPTION:
                yield found.found()


def _longest(description: str) -> str:
    """With each parameter as long as it can be."""
    return _PARAMETER.sub(lambda found: _LONGEST.get(found[0].rpartition("/")[2], found[0]), description)


def _too_many_settings(deployed: Deployment) -> Iterator[Finding]:
    for function in deployed.every("AWS::Lambda::Function"):
        told = function.properties.get("Environment", {}).get("Variables", {})
        size = sum(len(name) + len(said(value, function.template)) for name, value in told.items())
        if size > _VARIABLES:
            yield function.found(f"{size} of {_VARIABLES} bytes")


def _too_much_allowed(deployed: Deployment) -> Iterator[Finding]:
    for role in deployed.every("AWS::IAM::Role"):
        documents = [policy["PolicyDocument"] for policy in role.properties.get("Policies", [])]
        if (size := sum(len("".join(json.dumps(each).split())) for each in documents)) > _ROLE_POLICIES:
            yield role.found(f"{size} of {_ROLE_POLICIES} characters")


def _tied(deployed: Deployment) -> Iterator[Finding]:
    yield from (each.found() for each in deployed.all() if _TIES & {*each.words.split("\n")})
    for stack, template in deployed.templates.items():
        exported = [name for name, output in template.get("Outputs", {}).items() if "Export" in output]
        yield from (Finding(stack=stack, resource=name) for name in exported)


def _unwritten(deployed: Deployment) -> Iterator[Finding]:
    """In the order of a deploy."""
    written = {f"/freehold/{deployed.stage.name}/{name}" for name in WRITTEN_BY_A_PERSON}
    for stack, template in deployed.templates.items():
        for name, declared in template.get("Parameters", {}).items():
            path = str(declared.get("Default", ""))
            if path.startswith("/freehold/") and path not in written:
                yield Finding(stack=stack, resource=name, what=path)
        written |= {
            found["Properties"]["Name"]
            for found in template["Resources"].values()
            if found["Type"] == "AWS::SSM::Parameter"
        }


WRITTEN_BY_A_PERSON = frozenset(
    {"identity/issuers", "identity/issuers-digest", "mail/from", "mail/public-url", "mail/digest"}
)
"""Or by `make deploy`, of what a person wrote."""

RULES = (
    Rule(
        name="stacks-leave-room",
        says=f"A stack stays below {RESOURCES} of the 500 resources that it may have: move some into another.",
        find=_too_many,
    ),
    Rule(
        name="templates-leave-room",
        says=f"A template stays below the {_BYTES} bytes that CloudFormation takes: split its stack.",
        find=_too_large,
    ),
    Rule(
        name="apis-leave-room",
        says=f"An API stays below {ROUTES} of the 300 routes that it may have: fold some into one, or ask AWS for "
        "more.",
        find=_too_many_routes,
    ),
    Rule(
        name="names-fit",
        says="A name is no longer than AWS takes at the longest stage's: shorten it in the manifest.",
        find=_too_long,
    ),
    Rule(
        name="descriptions-fit",
        says=f"What a version says of itself is below {_DESCRIPTION} characters with the longest addresses: use a "
        "digest.",
        find=_too_much_said,
    ),
    Rule(
        name="settings-fit",
        says=f"All variables of a function together are below Lambda's {_VARIABLES} bytes: put what is long into a "
        "parameter.",
        find=_too_many_settings,
    ),
    Rule(
        name="policies-fit",
        says=f"The policies of a role together are below IAM's {_ROLE_POLICIES} characters: split the function.",
        find=_too_much_allowed,
    ),
    Rule(
        name="stacks-deploy-alone",
        says="No stack imports or exports an output, which ties its life to another's: write a parameter of SSM.",
        find=_tied,
    ),
    Rule(
        name="parameters-are-written-before-they-are-read",
        says="A parameter is written by a stack that is deployed before, or by a person: write it there.",
        find=_unwritten,
    ),
)
