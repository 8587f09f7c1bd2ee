"""Whom to wake: one topic for every alarm of a stage. Who reads it subscribes to it."""

from typing import cast

from aws_cdk import Aws, Stack
from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, Metric, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_sns import ITopic, Topic
from constructs import Construct

from infra.stage import Stage

_PERIODS_OF_SILENCE = 3
"""One may pass between two calls, and CloudWatch hears of a call a little late."""


def alarm_topic(scope: Construct, stage: Stage) -> Topic:
    """The topic itself. CloudWatch of this account may publish to it, and nobody without TLS."""
    topic = Topic(scope, "Alarms", topic_name=_name(stage), enforce_ssl=True)
    topic.add_to_resource_policy(
        PolicyStatement(
            sid="CloudWatch",
            actions=["sns:Publish"],
            principals=[ServicePrincipal("cloudwatch.amazonaws.com")],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    return topic


def topic_of(scope: Construct, stage: Stage) -> ITopic:
    """The same topic, for another stack."""
    if known := scope.node.try_find_child("Alarms"):
        return cast("ITopic", known)
    arn = Stack.of(scope).format_arn(service="sns", resource=_name(stage))
    return Topic.from_topic_arn(scope, "Alarms", arn)


def alarm(  # noqa: PLR0913 (by name: what is measured, how much is too much, what it means)
    scope: Construct, name: str, *, metric: Metric, at: float, means: str, topic: ITopic
) -> None:
    """Once the metric reaches `at`. A queue that nobody used reports nothing, which is well."""
    made = Alarm(
        scope,
        name,
        metric=metric,
        threshold=at,
        evaluation_periods=1,
        comparison_operator=ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=TreatMissingData.NOT_BREACHING,
        alarm_description=means,
    )
    made.add_alarm_action(SnsAction(topic))


def silence_alarm(scope: Construct, name: str, *, metric: Metric, means: str, topic: ITopic) -> None:
    """Once the metric was below 1 in three periods in a row; that nobody reports it is the same."""
    made = Alarm(
        scope,
        name,
        metric=metric,
        threshold=1,
        evaluation_periods=_PERIODS_OF_SILENCE,
        comparison_operator=ComparisonOperator.LESS_THAN_THRESHOLD,
        treat_missing_data=TreatMissingData.BREACHING,
        alarm_description=means,
    )
    made.add_alarm_action(SnsAction(topic))


def _name(stage: Stage) -> str:
    return f"freehold-{stage.name}-alarms"
