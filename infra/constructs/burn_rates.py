"""How fast an objective's budget is spent: an alarm over a long and a short while, which rings when both are over.

The long while says that it matters, the short one that it still goes on. Each alone wakes nobody.
"""

from collections.abc import Callable
from datetime import timedelta

from aws_cdk.aws_cloudwatch import (
    Alarm,
    AlarmRule,
    AlarmState,
    ComparisonOperator,
    CompositeAlarm,
    MathExpression,
    TreatMissingData,
)
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.alarms import calculated, described, measured
from infra.constructs.api_health import share_of_faults
from infra.slos import AVAILABILITY, BURNS, FEWEST, LATENCY, Burn, Objective
from infra.stage import Stage

type Share = Callable[[timedelta], MathExpression]
"""Percent of the requests that are bad, over such a while."""


class BurnRates(Construct):
    """Of the API's availability and latency."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, api_id: str, topic: ITopic) -> None:
        super().__init__(scope, name)
        self._stage, self._topic = stage, topic
        for burn in BURNS:
            self._watch(AVAILABILITY, burn, lambda within: share_of_faults(api_id, within=within))
            self._watch(LATENCY, burn, lambda within: _share_of_slow(api_id, within=within))

    def _watch(self, objective: Objective, burn: Burn, share: Share) -> None:
        at = 100 * burn.times * objective.budget
        means = _means(objective, burn)
        both = [
            self._leg(f"{objective.name.title()}{burn.name}{which}", share(within), at, means)
            for which, within in (("Long", burn.long), ("Short", burn.short))
        ]
        made = CompositeAlarm(
            self,
            f"{objective.name.title()}{burn.name}",
            composite_alarm_name=f"freehold-{self._stage.name}-{objective.name}-{burn.name.lower()}",
            alarm_rule=AlarmRule.all_of(*(AlarmRule.from_alarm(leg, AlarmState.ALARM) for leg in both)),
            alarm_description=means,
        )
        made.add_alarm_action(SnsAction(self._topic))

    def _leg(self, name: str, share: MathExpression, at: float, means: str) -> Alarm:
        return Alarm(
            self,
            name,
            metric=share,
            threshold=round(at, 6),
            evaluation_periods=1,
            comparison_operator=ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=TreatMissingData.NOT_BREACHING,
            alarm_description=means,
        )


def _means(objective: Objective, burn: Burn) -> str:
    hours = burn.long / timedelta(hours=1)
    whether = "now" if burn.wakes else "today; it can wait until the morning"
    says = f"The budget of {objective.name} for 28 days is spent {burn.times:g} times too fast, for {hours:g} h: look"
    return described(f"{says} {whether}.", "objectives")


def _share_of_slow(api_id: str, *, within: timedelta) -> MathExpression:
    limit = f"{LATENCY.limit:.0f}"
    return calculated(
        f"IF(requests * (100 - quick) / 100 >= {FEWEST}, 100 - quick, 0)",
        within=within,
        label="Share of slow requests, percent",
        requests=measured("AWS/ApiGateway", "Count", within=within, ApiId=api_id),
        quick=measured("AWS/ApiGateway", "Latency", within=within, statistic=f"PR(:{limit})", ApiId=api_id),
    )
