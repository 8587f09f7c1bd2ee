"""How a new version of a function takes over: a few calls in a hundred first, all of them after quiet minutes.

CodeDeploy moves the weights of the alias. It calls the check before the first request, and goes back by itself when an
alarm of the function's rings. Alarm and deployment group stand beside the alias that they are about; what all of them
share is the delivery stack's.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from aws_cdk import CfnCodeDeployLambdaAliasUpdate, CfnUpdatePolicy, Duration
from aws_cdk.aws_cloudwatch import MathExpression, Metric
from aws_cdk.aws_codedeploy import CfnDeploymentGroup
from aws_cdk.aws_lambda import Alias, CfnAlias
from aws_cdk.aws_logs import FilterPattern, ILogGroup, JsonPattern, MetricFilter
from constructs import Construct

from functions.declaration import Function
from functions.manifest import CHECK_RELEASE
from infra.constructs.alarms import alarm, calculated, measured, topic_of
from infra.constructs.api_health import health_alarms
from infra.constructs.function import LiveFunction, function_name, through_alias
from infra.constructs.parameters import read_parameter
from infra.metrics import NAMESPACE
from infra.stage import Canary, Stage

_MINUTE, _FIVE_MINUTES = timedelta(minutes=1), timedelta(minutes=5)
_ENOUGH = 20
"""Calls of the new version within a period, below which its latency says nothing."""
_SLOWER = 1.5
_SLOWER_BY = 50
"""Milliseconds. Both have to be exceeded: half as much again of nearly nothing is nearly nothing."""
_LATENCY = "p90"
"""The new version is one call in twenty of all: below the 95th percentile, it cannot hide the old one."""
_ROLLS_BACK_ON = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
_GRAVE: Mapping[str, Sequence[str]] = {"$.level": ("ERROR", "CRITICAL")}
_ENDED: Mapping[str, Sequence[str]] = {"$.record.status": ("error", "failure", "timeout")}
"""As `platform.report` says it."""


class Releases:
    """Of one stack. Without a canary, a new version answers every call at once, and nothing is added."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        self._stage = stage
        self._topic = topic_of(scope, stage)
        self._role = read_parameter(scope, stage, "delivery/role") if stage.canary else ""

    def shift(self, declared: Function, function: LiveFunction) -> None:
        """Let CodeDeploy move the alias from now on. The first version of all takes its place without it."""
        if not self._stage.canary:
            return
        count_errors(function, function.logs, self._stage, self._stage.canary)
        alarms = self._alarms(declared, function, self._stage.canary)
        group = CfnDeploymentGroup(
            function,
            "Release",
            application_name=application_name(self._stage),
            deployment_group_name=function_name(declared, self._stage),
            deployment_config_name=configuration_name(self._stage),
            deployment_style=CfnDeploymentGroup.DeploymentStyleProperty(
                deployment_option="WITH_TRAFFIC_CONTROL", deployment_type="BLUE_GREEN"
            ),
            service_role_arn=self._role,
            alarm_configuration=_stops_on(alarms),
            auto_rollback_configuration=CfnDeploymentGroup.AutoRollbackConfigurationProperty(
                enabled=True, events=_ROLLS_BACK_ON
            ),
        )
        for made in ("ErrorsAlarm", "LatencyAlarm"):
            if watching := function.node.try_find_child(made):
                group.node.add_dependency(watching)
        _by_codedeploy(function.alias, group, application_name(self._stage), function_name(CHECK_RELEASE, self._stage))

    def _alarms(self, declared: Function, function: LiveFunction, canary: Canary) -> list[str]:
        """By name. How long something takes matters where somebody waits for it."""
        health = health_alarms(self._stage) if declared.routes else ()
        if not canary.compares:
            return [errors_alarm(self._stage), *health]
        slow = [self._slow(declared, function)] if declared.routes else []
        return [self._errors(declared, function), *slow, *health]

    def _errors(self, declared: Function, function: LiveFunction) -> str:
        """Whoever runs out of time or memory writes no line about it: Lambda counts those."""
        name, version = f"{function_name(declared, self._stage)}-errors", function.version.version
        about = {"stage": self._stage.name, "function": declared.name, "version": version}
        alarm(
            function,
            "ErrorsAlarm",
            called=name,
            metric=calculated(
                "FILL(logged, 0) + FILL(ended, 0)",
                within=_MINUTE,
                label="Errors of the newest version",
                logged=measured(NAMESPACE, "Errors", within=_MINUTE, **about),
                ended=measured("AWS/Lambda", "Errors", within=_MINUTE, **_newest(declared, function, self._stage)),
            ),
            at=1,
            means=f"The newest version of {declared.name} logs errors, crashes, or runs out of time or memory.",
            see="releases",
            topic=self._topic,
        )
        return name

    def _slow(self, declared: Function, function: LiveFunction) -> str:
        name = function_name(declared, self._stage)
        alarm(
            function,
            "LatencyAlarm",
            called=f"{name}-latency",
            metric=_slower(declared, function, self._stage),
            at=1,
            means=f"The newest version of {declared.name} is slower than the one before.",
            see="releases",
            topic=self._topic,
        )
        return f"{name}-latency"


def count_errors(scope: Construct, logs: ILogGroup, stage: Stage, canary: Canary) -> None:
    """Lines of level ERROR: a 5xx is an answer, and no error for Lambda. By version, where those are compared.

    Else also Lambda's own reports of a call that has crashed or ran out of time, which name no version of ours.
    """
    by_version = {"stage": "$.stage", "function": "$.function", "version": "$.version"}
    MetricFilter(
        scope,
        "Errors",
        log_group=logs,
        filter_pattern=_lines(_GRAVE if canary.compares else {**_GRAVE, **_ENDED}),
        metric_namespace=NAMESPACE,
        metric_name="Errors" if canary.compares else _errors_of(stage),
        metric_value="1",
        dimensions=by_version if canary.compares else None,
    )


def watch_errors(scope: Construct, stage: Stage, canary: Canary) -> None:
    """Of all functions together, where none is watched by itself."""
    if not canary.compares:
        alarm(
            scope,
            "ErrorsAlarm",
            called=errors_alarm(stage),
            metric=Metric(
                namespace=NAMESPACE,
                metric_name=_errors_of(stage),
                statistic="Sum",
                period=Duration.seconds(int(_MINUTE.total_seconds())),
            ),
            at=1,
            means="A function logs errors, crashes, or runs out of time or memory.",
            see="releases",
            topic=topic_of(scope, stage),
        )


def errors_alarm(stage: Stage) -> str:
    """Its name, for deployment groups."""
    return f"freehold-{stage.name}-errors"


def _errors_of(stage: Stage) -> str:
    return f"{stage.name}-errors"


def application_name(stage: Stage) -> str:
    """As CodeDeploy knows it."""
    return f"freehold-{stage.name}"


def configuration_name(stage: Stage) -> str:
    """Of how much, and for how long."""
    return f"freehold-{stage.name}-canary"


def _lines(wanted: Mapping[str, Sequence[str]]) -> JsonPattern:
    """Those in which a field says one of these."""
    return FilterPattern.any(
        *(FilterPattern.string_value(field, "=", value) for field, values in wanted.items() for value in values)
    )


def _newest(declared: Function, function: LiveFunction, stage: Stage) -> dict[str, str]:
    return {**through_alias(declared, stage), "ExecutedVersion": function.version.version}


def _slower(declared: Function, function: LiveFunction, stage: Stage) -> MathExpression:
    """1 where the newest version takes longer than all calls of the alias do."""
    alias, newest = through_alias(declared, stage), _newest(declared, function, stage)
    return calculated(
        f"IF(calls >= {_ENOUGH}, IF(newest >= {_SLOWER} * all, IF(newest - all >= {_SLOWER_BY}, 1, 0), 0), 0)",
        within=_FIVE_MINUTES,
        label="The newest version is slower",
        calls=measured("AWS/Lambda", "Invocations", within=_FIVE_MINUTES, **newest),
        newest=measured("AWS/Lambda", "Duration", within=_FIVE_MINUTES, statistic=_LATENCY, **newest),
        all=measured("AWS/Lambda", "Duration", within=_FIVE_MINUTES, statistic=_LATENCY, **alias),
    )


def _stops_on(alarms: Sequence[str]) -> CfnDeploymentGroup.AlarmConfigurationProperty:
    return CfnDeploymentGroup.AlarmConfigurationProperty(
        enabled=True, alarms=[CfnDeploymentGroup.AlarmProperty(name=name) for name in alarms]
    )


def _by_codedeploy(alias: Alias, group: CfnDeploymentGroup, application: str, check: str) -> None:
    resource = alias.node.default_child
    assert isinstance(resource, CfnAlias)  # noqa: S101 (CDK's type is wider)
    resource.cfn_options.update_policy = CfnUpdatePolicy(
        code_deploy_lambda_alias_update=CfnCodeDeployLambdaAliasUpdate(
            application_name=application, deployment_group_name=group.ref, before_allow_traffic_hook=check
        )
    )
