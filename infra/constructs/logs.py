"""Log groups that are declared, so that their logs end: those that AWS makes by itself keep them for ever."""

from typing import cast

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk.aws_logs import CfnLogGroup, LogGroup
from constructs import Construct

from infra.stage import Stage


def log_group(scope: Construct, identifier: str, stage: Stage, *, name: str | None = None) -> LogGroup:
    """A log group with the stage's retention.

    CloudFormation names it, so that one that outlives its stack blocks no other. RDS chooses the name of its own ones:
    those must be there before it writes, and one that was kept has to be imported or deleted before the next.
    """
    removal = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if stage.keeps_logs else RemovalPolicy.DESTROY
    group = LogGroup(scope, identifier, log_group_name=name, removal_policy=removal)
    cast("CfnLogGroup", group.node.default_child).retention_in_days = stage.log_retention_days
    return group


def arn_of(logs: LogGroup) -> str:
    """Without the `:*` that CloudFormation ends a log group's with, as API Gateway, WAF and CloudFront want it."""
    return Stack.of(logs).format_arn(
        service="logs",
        resource="log-group",
        resource_name=logs.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
