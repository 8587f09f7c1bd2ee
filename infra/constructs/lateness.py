"""How old what waits is when it is passed on or sealed, by what the function logs of it."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk.aws_logs import FilterPattern, ILogGroup, MetricFilter
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from functions.declaration import Function
from infra.constructs.alarms import alarm
from infra.stage import Stage


@dataclass(frozen=True, slots=True)
class _Lateness:
    """Of what a function that uses something logs as `message`, with its field `oldest_seconds`."""

    message: str
    metric: str
    late: Duration
    """Beyond the time between two calls of the relay, in which it may have had to wait."""
    means: str


_WATCHED = {
    "bus": _Lateness(
        "published",
        "oldest-event",
        Duration.minutes(5),
        "Events wait for minutes before they reach the bus: look into the relay's log.",
    ),
    "anchors": _Lateness(
        "sealed",
        "oldest-unsealed",
        Duration.minutes(30),
        "Entries of the audit trail wait for half an hour to be sealed: look into the log of seal_audit.",
    ),
}
"""By what the function uses."""


def watch_lateness(scope: Construct, declared: Function, logs: ILogGroup, *, stage: Stage, topic: ITopic) -> None:
    """Wake somebody once something was old, be it that much waits or that it keeps being refused."""
    for use in declared.uses:
        if use in _WATCHED:
            _watch(scope, _WATCHED[use], logs, stage, topic)


def _watch(scope: Construct, watched: _Lateness, logs: ILogGroup, stage: Stage, topic: ITopic) -> None:
    measured = MetricFilter(
        scope,
        "Oldest",
        log_group=logs,
        filter_pattern=FilterPattern.string_value("$.message", "=", watched.message),
        metric_namespace="Freehold",
        metric_name=f"{stage.name}-{watched.metric}",
        metric_value="$.oldest_seconds",
    )
    alarm(
        scope,
        "Late",
        metric=measured.metric(statistic="Maximum", period=Duration.minutes(1)),
        at=Duration.minutes(stage.relay.every_minutes).to_seconds() + watched.late.to_seconds(),
        means=watched.means,
        topic=topic,
    )
