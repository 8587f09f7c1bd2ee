"""How old what waits is when it is passed on, handed over or sealed, by what the function logs of it."""

from dataclasses import dataclass
from datetime import timedelta

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Metric
from aws_cdk.aws_logs import FilterPattern, ILogGroup, MetricFilter
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from functions.declaration import Function
from infra.constructs.alarms import Section, alarm
from infra.metrics import NAMESPACE
from infra.slos import BEGUN, RELAY, SEALING
from infra.stage import Stage

LATE_JOBS, LATE_MINUTES = "jobs-late", (3, 5)
"""Of so many minutes. When a tenant's backlog ends, the last jobs of it are old, once and through no fault of ours."""


@dataclass(frozen=True, slots=True)
class _Lateness:
    """Of what a function that uses something logs as `message`, with its field `oldest_seconds`."""

    message: str
    metric: str
    late: timedelta
    """Beyond the time between two calls of the relay, in which it may have had to wait."""
    means: str
    see: Section


_WATCHED = {
    "bus": _Lateness(
        "published",
        "oldest-event",
        RELAY,
        "Events wait for minutes before they reach the bus: look into the relay's log.",
        "jobs-and-queues",
    ),
    "anchors": _Lateness(
        "sealed",
        "oldest-unsealed",
        SEALING,
        "Entries of the audit trail wait for half an hour to be sealed: look into the log of seal_audit.",
        "schedules",
    ),
}
"""By what the function uses."""


def watch_lateness(
    scope: Construct, declared: Function, logs: ILogGroup, *, stage: Stage, topic: ITopic | None
) -> None:
    """Wake somebody once something was old, be it that much waits or that it keeps being refused."""
    if not stage.watch.wakes:
        return
    for use in declared.uses:
        if use in _WATCHED:
            _watch(scope, _WATCHED[use], logs, stage, topic)
        if use == "queues":
            _watch_jobs(scope, logs, stage, topic)


def _watch(scope: Construct, watched: _Lateness, logs: ILogGroup, stage: Stage, topic: ITopic | None) -> None:
    measured = MetricFilter(
        scope,
        "Oldest",
        log_group=logs,
        filter_pattern=FilterPattern.string_value("$.message", "=", watched.message),
        metric_namespace=NAMESPACE,
        metric_name=f"{stage.name}-{watched.metric}",
        metric_value="$.oldest_seconds",
    )
    alarm(
        scope,
        "Late",
        metric=measured.metric(statistic="Maximum", period=Duration.minutes(1)),
        at=Duration.minutes(stage.relay.every_minutes).to_seconds() + watched.late.total_seconds(),
        means=watched.means,
        see=watched.see,
        topic=topic,
    )


def _watch_jobs(scope: Construct, logs: ILogGroup, stage: Stage, topic: ITopic | None) -> None:
    """One metric for all classes, because each bills by itself: a line counts where its class's time was over."""
    for job_class, within in BEGUN.items():
        MetricFilter(
            scope,
            f"Late{job_class.title()}",
            log_group=logs,
            filter_pattern=FilterPattern.literal(
                f'{{ $.message = "dispatched" && $.job_class = "{job_class}" && '
                f"$.oldest_seconds >= {within.total_seconds():.0f} }}"
            ),
            metric_namespace=NAMESPACE,
            metric_name=f"{stage.name}-{LATE_JOBS}",
            metric_value="1",
        )
    late = Metric(
        namespace=NAMESPACE, metric_name=f"{stage.name}-{LATE_JOBS}", statistic="Sum", period=Duration.minutes(1)
    )
    alarm(
        scope,
        "LateJobs",
        metric=late,
        at=1,
        times=LATE_MINUTES,
        means="Jobs wait for longer than their class may, whose tenants have room for them: docs/slos.md.",
        see="jobs-and-queues",
        topic=topic,
    )
