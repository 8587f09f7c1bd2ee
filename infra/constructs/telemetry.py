"""Spans and errors on their way out of the logs: a filter on each function's group, and one function that they call.

A person writes into the secret where they go: docs/observability.md. Until then they go nowhere.
"""

from aws_cdk import Acknowledgment, ArnFormat, Aws, RemovalPolicy, SecretValue, Stack, Validations
from aws_cdk.aws_lambda import CfnPermission
from aws_cdk.aws_logs import CfnSubscriptionFilter, ILogGroup
from aws_cdk.aws_secretsmanager import Secret
from constructs import Construct

from functions.manifest import EXPORT_TRACES
from infra.constructs.function import LiveFunction, live_arn
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


def hand_lines_over(scope: Construct, logs: ILogGroup, stage: Stage) -> None:
    """Wherever somebody is woken. The function that takes them is another stack's, which goes first."""
    if stage.watch.wakes:
        CfnSubscriptionFilter(
            scope,
            "Lines",
            log_group_name=logs.log_group_name,
            filter_pattern=_pattern(stage),
            destination_arn=live_arn(scope, EXPORT_TRACES, stage),
        )


def _pattern(stage: Stage) -> str:
    return f"{{ {_SPANS} || {_ERRORS} }}" if stage.watch.traces else f"{{ {_ERRORS} }}"


def may_be_handed(takes: LiveFunction, stage: Stage) -> None:
    """One permission for all groups of the stage, in all of its stacks."""
    groups = Stack.of(takes).format_arn(
        service="logs",
        resource="log-group",
        resource_name=f"freehold-{stage.name}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    CfnPermission(
        takes,
        "CalledByLogs",
        action="lambda:InvokeFunction",
        function_name=takes.alias.function_arn,
        principal="logs.amazonaws.com",
        source_account=Aws.ACCOUNT_ID,
        source_arn=groups,
    )
