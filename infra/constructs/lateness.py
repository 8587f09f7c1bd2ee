"""How old events are when the relay passes them on, by what it logs of each batch."""

from aws_cdk import Duration
from aws_cdk.aws_logs import FilterPattern, ILogGroup, MetricFilter
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.alarms import alarm
from infra.stage import Stage

_LATE = Duration.minutes(5)
"""Beyond the time between two calls of the relay, in which an event may have had to wait."""


def watch_lateness(scope: Construct, logs: ILogGroup, *, stage: Stage, topic: ITopic) -> None:
    """Wake somebody once an event was old, be it that many wait or that the bus keeps refusing it."""
    measured = MetricFilter(
        scope,
        "Oldest",
        log_group=logs,
        filter_pattern=FilterPattern.string_value("$.message", "=", "published"),
        metric_namespace="Freehold",
        metric_name=f"{stage.name}-oldest-event",
        metric_value="$.oldest_seconds",
    )
    alarm(
        scope,
        "Late",
        metric=measured.metric(statistic="Maximum", period=Duration.minutes(1)),
        at=Duration.minutes(stage.relay.every_minutes).to_seconds() + _LATE.to_seconds(),
        means="Events wait for minutes before they reach the bus: look into the relay's log.",
        topic=topic,
    )
