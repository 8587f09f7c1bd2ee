"""Whom to wake: one topic for every alarm of a stage. Who reads it subscribes to it.

A stage that wakes nobody has no topic and no alarms: they bill by the month. Each alarm says in a sentence what has
happened, and ends with the place in the runbook that says what to type.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, cast

from aws_cdk import Duration, Stack
from aws_cdk.aws_cloudwatch import (
    Alarm,
    ComparisonOperator,
    IAlarmAction,
    IMetric,
    MathExpression,
    Metric,
    TreatMissingData,
)
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_sns import ITopic, Topic
from constructs import Construct

from infra.constructs.principals import service
from infra.metrics import known
from infra.stage import Stage

type Section = Literal[
    "the-api",
    "releases",
    "objectives",
    "billing-and-usage",
    "jobs-and-queues",
    "schedules",
    "functions",
    "the-database",
    "the-network",
]
"""Of docs/runbooks/alarms.md."""

RUNBOOK = "docs/runbooks/alarms.md"

_PERIODS_OF_SILENCE = 3
"""One may pass between two calls, and CloudWatch hears of a call a little late."""


def alarm_topic(scope: Construct, stage: Stage) -> Topic | None:
    """The topic itself. CloudWatch of this account may publish to it, and nobody without TLS."""
    if not stage.watch.wakes:
        return None
    topic = Topic(scope, "Alarms", topic_name=_name(stage), enforce_ssl=True)
    topic.add_to_resource_policy(
        PolicyStatement(
            sid="CloudWatch",
            actions=["sns:Publish"],
            principals=[service("cloudwatch")],
            resources=[topic.topic_arn],
        )
    )
    return topic


def topic_of(scope: Construct, stage: Stage) -> ITopic | None:
    """The same topic, for another stack."""
    if not stage.watch.wakes:
        return None
    if known_here := scope.node.try_find_child("Alarms"):
        return cast("ITopic", known_here)
    arn = Stack.of(scope).format_arn(service="sns", resource=_name(stage))
    return Topic.from_topic_arn(scope, "Alarms", arn)


def alarm(  # noqa: PLR0913 (by name: what is measured, how much is too much for how long, what it means)
    scope: Construct,
    name: str,
    *,
    metric: IMetric,
    at: float,
    means: str,
    see: Section,
    topic: ITopic | None,
    times: tuple[int, int] = (1, 1),
    below: bool = False,
    called: str | None = None,
    does: Sequence[IAlarmAction] = (),
) -> None:
    """Once the metric reaches `at` in so many of the last so many periods; with `below`, once it falls to it.

    A queue that nobody used reports nothing, which is well. `called` is for what others name; `does` is done besides.
    """
    if topic is None:
        return
    breaching, periods = times
    made = Alarm(
        scope,
        name,
        alarm_name=called,
        metric=metric,
        threshold=at,
        evaluation_periods=periods,
        datapoints_to_alarm=breaching if breaching < periods else None,
        comparison_operator=_AT_MOST if below else _AT_LEAST,
        treat_missing_data=TreatMissingData.NOT_BREACHING,
        alarm_description=described(means, see),
    )
    made.add_alarm_action(SnsAction(topic), *does)


def silence_alarm(  # noqa: PLR0913 (by name, as above)
    scope: Construct, name: str, *, metric: Metric, means: str, see: Section, topic: ITopic | None
) -> None:
    """Once the metric was below 1 in three periods in a row; that nobody reports it is the same."""
    if topic is None:
        return
    made = Alarm(
        scope,
        name,
        metric=metric,
        threshold=1,
        evaluation_periods=_PERIODS_OF_SILENCE,
        comparison_operator=ComparisonOperator.LESS_THAN_THRESHOLD,
        treat_missing_data=TreatMissingData.BREACHING,
        alarm_description=described(means, see),
    )
    made.add_alarm_action(SnsAction(topic))


def described(means: str, see: Section) -> str:
    """What it says to whoever is woken."""
    return f"{means} {RUNBOOK}#{see}"


def measured(
    namespace: str, name: str, *, within: timedelta, statistic: str | None = None, **dimensions: str
) -> Metric:
    """A metric that is written down in infra/metrics.py. Raises LookupError for another."""
    found = known(namespace, name, *dimensions)
    return Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic or found.statistic,
        period=Duration.seconds(int(within.total_seconds())),
    )


def calculated(expression: str, *, within: timedelta, label: str, **metrics: IMetric) -> MathExpression:
    """Of metrics by the names that the expression gives them, all over the same time."""
    period = Duration.seconds(int(within.total_seconds()))
    return MathExpression(expression=expression, using_metrics=metrics, period=period, label=label)


_AT_LEAST = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_AT_MOST = ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD


def _name(stage: Stage) -> str:
    return f"freehold-{stage.name}-alarms"
