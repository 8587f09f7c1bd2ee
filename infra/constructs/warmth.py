"""Instances that wait for requests, for functions whose callers cannot wait for a cold start."""

from aws_cdk.aws_applicationautoscaling import Schedule
from aws_cdk.aws_lambda import Alias

from infra.stage import Warm

_BUSY = 0.7
"""The share of ready instances in use above which another one is started, and below which one goes."""


def keep_warm(alias: Alias, warm: Warm) -> None:
    """Follow the load, and be there before the working day begins."""
    instances = alias.add_auto_scaling(min_capacity=warm.least, max_capacity=warm.most)
    instances.scale_on_utilization(utilization_target=_BUSY)
    first, last = warm.day
    instances.scale_on_schedule("Morning", schedule=_at(first), min_capacity=warm.least_by_day)
    instances.scale_on_schedule("Evening", schedule=_at(last), min_capacity=warm.least)


def _at(hour: int) -> Schedule:
    return Schedule.cron(hour=str(hour), minute="0", week_day="MON-FRI")
