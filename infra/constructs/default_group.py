"""The security group that a network is born with: CloudFormation cannot close it, CDK's own function does."""

from typing import cast

from aws_cdk import CfnResource, Stack
from aws_cdk.aws_ec2 import Vpc

from infra.constructs.logs import log_group
from infra.stage import Stage


def close_default_group(vpc: Vpc, stage: Stage) -> None:
    """CDK makes the function, because of a flag in cdk.json; its logs must end like all others."""
    provider = Stack.of(vpc).node.find_child("Custom::VpcRestrictDefaultSGCustomResourceProvider")
    function = cast("CfnResource", provider.node.find_child("Handler"))
    logs = log_group(vpc, "DefaultGroupLogs", stage)
    function.add_property_override("LoggingConfig.LogGroup", logs.log_group_name)
