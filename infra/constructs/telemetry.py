"""Spans and errors on their way out of the logs: a filter on each function's group, and one function that they call.

A person writes into the secret where they go: docs/observability.md. Until then they go nowhere.
"""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, ArnFormat, Aws, RemovalPolicy, SecretValue, Stack, Validations
from aws_cdk.aws_lambda import CfnPermission
from aws_cdk.aws_logs import CfnSubscriptionFilter
from aws_cdk.aws_secretsmanager import Secret
from constructs import Construct

from functions.declaration import Function
from functions.manifest import EXPORT_TRACES
from infra.constructs.function import LIVE, LiveFunction, function_name
from infra.stage import Stage

_ERRORS = '$.level = "ERROR" || $.level = "CRITICAL"'
_SPANS = '$.message = "span"'
_NOTHING = "{}"
"""Until somebody has written where they go. A deploy does not write it again."""


def telemetry_secret(scope: Construct, stage: Stage) -> Secret:
    """Empty at first, and never deleted by a deploy."""
    secret = Secret(
        scope,
        "Telemetry",
        secret_name=f"freehold/{stage.name}/telemetry",
        description="Where spans and errors go, as JSON: docs/observability.md",
        secret_string_value=SecretValue.unsafe_plain_text(_NOTHING),
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
    Validations.of(secret).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-SMG4",
            reason="A person makes these keys where spans are shown, and the function looks for new ones.",
        )
    )
    return secret


def hand_lines_over(scope: Construct, functions: Mapping[Function, LiveFunction], stage: Stage) -> None:
    """Of each function, wherever somebody is woken. The stack that has the function which takes them goes first.

    CloudWatch calls it when a filter is made, so by then it is there, and may be called. Nothing of its own log comes
    back to it.
    """
    if not stage.watch.wakes:
        return
    takes = next((function for declared, function in functions.items() if declared.logs), None)
    may = _may_call(takes, stage) if takes else None
    for declared, function in functions.items():
        if not declared.logs:
            made = CfnSubscriptionFilter(
                function,
                "Lines",
                log_group_name=function.logs.log_group_name,
                filter_pattern=_pattern(stage),
                destination_arn=takes.alias.function_arn if takes else _arn(scope, stage),
            )
            if may:
                made.add_resource_dependency(may)


def _pattern(stage: Stage) -> str:
    return f"{{ {_SPANS} || {_ERRORS} }}" if stage.watch.traces else f"{{ {_ERRORS} }}"


def _may_call(takes: LiveFunction, stage: Stage) -> CfnPermission:
    """One for all groups of the stage, in all of its stacks."""
    groups = Stack.of(takes).format_arn(
        service="logs",
        resource="log-group",
        resource_name=f"freehold-{stage.name}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return CfnPermission(
        takes,
        "CalledByLogs",
        action="lambda:InvokeFunction",
        function_name=takes.alias.function_arn,
        principal="logs.amazonaws.com",
        source_account=Aws.ACCOUNT_ID,
        source_arn=groups,
    )


def _arn(scope: Construct, stage: Stage) -> str:
    """Of the alias, as another stack knows it."""
    return Stack.of(scope).format_arn(
        service="lambda",
        resource="function",
        resource_name=f"{function_name(EXPORT_TRACES, stage)}:{LIVE}",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
