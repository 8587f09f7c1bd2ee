"""The clock: schedules that call functions, and what becomes of a call that nobody could take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role
from aws_cdk.aws_lambda import IAlias
from aws_cdk.aws_scheduler import CfnSchedule, CfnScheduleGroup
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from functions.declaration import Function, Schedule
from infra.constructs.alarms import alarm, silence_alarm
from infra.constructs.principals import service
from infra.constructs.queues import dead_letters
from infra.stage import Stage

INPUT = json.dumps({"scheduled_at": "<aws.scheduler.scheduled-time>", "called_by": "clock"})
"""EventBridge Scheduler puts the time there, so that a late call knows which one it is. Who calls by hand says a time,
too, and not that they are the clock: their call is done also where the database sleeps."""

"""Else another account's schedule could borrow the role."""
_TRIES = 3
"""To hand a call to Lambda. What Lambda then does with a call that fails is the pace's to say."""
_FAILURES_WITHIN = Duration.minutes(5)


class Clock(Construct):
    """One group of schedules for the stage. It may call the functions that it was given, and no others.

    Somebody is woken when one of them fails, and when nobody calls one any more: a call that Lambda drops, or a
    schedule that is switched off, leaves no failure behind.
    """

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, called: Mapping[Function, IAlias], topic: ITopic | None
    ) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self._missed = dead_letters(self, "Missed", f"freehold-{stage.name}-missed-dead", topic=topic)
        self._group = CfnScheduleGroup(self, "Group", name=f"freehold-{stage.name}")
        self._role = self._may_call(called)
        for declared, alias in called.items():
            if declared.schedule:
                pace = _pace(declared.schedule, stage)
                self._schedule(declared.name, pace, alias)
                self._watch(declared.name, pace, alias, topic)

    def _may_call(self, called: Mapping[Function, IAlias]) -> Role:
        call = PolicyStatement(
            actions=["lambda:InvokeFunction"], resources=[alias.function_arn for alias in called.values()]
        )
        give_up = PolicyStatement(actions=["sqs:SendMessage"], resources=[self._missed.queue_arn])
        return Role(
            self,
            "Role",
            assumed_by=service("scheduler"),
            inline_policies={"Call": PolicyDocument(statements=[call, give_up])},
        )

    def _schedule(self, name: str, pace: "_Pace", alias: IAlias) -> None:
        CfnSchedule(
            self,
            name.title().replace("_", ""),
            name=f"freehold-{self._stage.name}-{name}",
            group_name=self._group.ref,
            schedule_expression=pace.expression,
            flexible_time_window=CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=CfnSchedule.TargetProperty(
                arn=alias.function_arn,
                role_arn=self._role.role_arn,
                input=INPUT,
                retry_policy=CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=pace.worth.to_seconds(), maximum_retry_attempts=_TRIES
                ),
                dead_letter_config=CfnSchedule.DeadLetterConfigProperty(arn=self._missed.queue_arn),
            ),
        )
        alias.configure_async_invoke(retry_attempts=pace.retries, max_event_age=pace.worth)

    def _watch(self, name: str, pace: "_Pace", alias: IAlias, topic: ITopic | None) -> None:
        prefix = name.title().replace("_", "")
        alarm(
            self,
            f"{prefix}Failed",
            metric=alias.metric_errors(period=_FAILURES_WITHIN),
            at=1,
            means=f"A call of {name} failed: look into its log.",
            see="schedules",
            topic=topic,
        )
        silence_alarm(
            self,
            f"{prefix}Stopped",
            metric=alias.metric_invocations(period=pace.every),
            means=f"Nobody calls {name} any more: look at its schedule, and whether Lambda throttles it.",
            see="schedules",
            topic=topic,
        )


@dataclass(frozen=True, slots=True)
class _Pace:
    """When, and how much a call that failed is worth: a quick pace makes up for it by itself."""

    expression: str
    every: Duration
    worth: Duration
    retries: int


def minutes_between(schedule: Schedule, stage: Stage) -> int:
    """From one call to the next."""
    return round(_pace(schedule, stage).every.to_minutes())


def _pace(schedule: Schedule, stage: Stage) -> _Pace:
    match schedule.every:
        case "stage":
            return _rate(stage.relay.every_minutes, stage)
        case "minute":
            return _rate(1, stage)
        case "five_minutes":
            return _rate(max(5, stage.relay.every_minutes), stage)
        case "hour":
            minute = 0 if stage.cell.sleeps else 7
            return _Pace(f"cron({minute} * * * ? *)", Duration.hours(1), worth=Duration.hours(1), retries=2)
        case "day":
            return _Pace("cron(17 3 * * ? *)", Duration.days(1), worth=Duration.hours(6), retries=2)
        case every:
            assert_never(every)


def _rate(minutes: int, stage: Stage) -> _Pace:
    """In the same minute as all others, where a look past that minute decides whether a database may sleep."""
    every = Duration.minutes(minutes)
    expression = f"cron(0/{minutes} * * * ? *)" if stage.cell.sleeps else f"rate({minutes} minute{'s' * (minutes > 1)})"
    return _Pace(expression, every, worth=every, retries=0)
