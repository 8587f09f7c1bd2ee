"""Log groups that are declared, so that their logs end: those that Lambda makes by itself keep them for ever."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk.aws_logs import CfnLogGroup, LogGroup
from constructs import Construct

from infra.stage import Stage


def log_group(scope: Construct, name: str, stage: Stage) -> LogGroup:
    """A log group with the stage's retention. CloudFormation names it: one that outlives its stack blocks no other."""
    removal = RemovalPolicy.RETAIN if stage.keeps_logs else RemovalPolicy.DESTROY
    group = LogGroup(scope, name, removal_policy=removal)
    cast("CfnLogGroup", group.node.default_child).retention_in_days = stage.log_retention_days
    return group
