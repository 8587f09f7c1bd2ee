"""Reading IAM: every statement, with the resource that makes it."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.rules.deployment import Deployment, Resource
from infra.rules.values import listed, said

type Statement = Mapping[str, Any]

ROLE = "AWS::IAM::Role"
_SEPARATE = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
_OF_RESOURCES = {
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::Events::EventBusPolicy": "Statement",
}
"""Types whose policy says who may come, and under which name."""


def of_identities(deployed: Deployment) -> Iterator[tuple[Resource, Statement]]:
    """What roles may do and may not."""
    for role in deployed.every(ROLE):
        for policy in role.properties.get("Policies", []):
            yield from ((role, statement) for statement in listed(policy["PolicyDocument"]["Statement"]))
    for policy in deployed.every(*_SEPARATE):
        yield from ((policy, statement) for statement in listed(policy.properties["PolicyDocument"]["Statement"]))


def of_resources(deployed: Deployment) -> Iterator[tuple[Resource, Statement]]:
    """Who may do something with a resource."""
    for kind, name in _OF_RESOURCES.items():
        for found in deployed.every(kind):
            document = found.properties.get(name, {})
            yield from ((found, statement) for statement in listed(document.get("Statement", document or None)))


def of_trust(deployed: Deployment) -> Iterator[tuple[Resource, Statement]]:
    """Who may take on a role."""
    for role in deployed.every(ROLE):
        document = role.properties["AssumeRolePolicyDocument"]
        yield from ((role, statement) for statement in listed(document["Statement"]))


def allows(statement: Statement) -> bool:
    """Whether it gives something."""
    return statement.get("Effect") == "Allow"


def actions(statement: Statement) -> list[str]:
    """What it is about."""
    return [str(action) for action in listed(statement.get("Action"))]


def resources(found: Resource, statement: Statement) -> list[str]:
    """On what, as text."""
    return [said(resource, found.template) for resource in listed(statement.get("Resource"))]


def services(statement: Statement) -> list[str]:
    """Of a principal: the services of AWS, or `*`, or accounts as they stand there."""
    principal = statement.get("Principal", {})
    if isinstance(principal, dict):
        return [str(each) for value in principal.values() for each in listed(value)]
    return [str(principal)]
