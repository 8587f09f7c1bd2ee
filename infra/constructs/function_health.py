"""Whether Lambda takes every call: throttled ones, and those that find no instance ready where some should be."""

from collections.abc import Iterable
from datetime import timedelta

from aws_cdk.aws_sns import ITopic
from constructs import Construct

from functions.declaration import Function
from functions.manifest import AUTHORIZER
from infra.constructs.alarms import alarm, measured
from infra.constructs.function import function_name, through_alias
from infra.stage import Stage

_FIVE = timedelta(minutes=5)
_BURST = 10
"""Calls in five minutes. A deploy, and the first minute of a burst, spill a few."""


def watch_functions(scope: Construct, manifest: Iterable[Function], *, stage: Stage, topic: ITopic | None) -> None:
    """Throttling is the account's: one metric for all. The rest is watched where the stage keeps instances waiting."""
    alarm(
        scope,
        "Throttles",
        metric=measured("AWS/Lambda", "Throttles", within=_FIVE),
        at=1,
        times=(2, 3),
        means="Lambda refuses calls: the account's limit on calls at once is reached.",
        see="functions",
        topic=topic,
    )
    if stage.warm is None:
        return
    for declared in manifest:
        if declared.latency == "critical":
            _watch_spilling(scope, declared, stage, topic)
    alarm(
        scope,
        "AuthorizerFailed",
        metric=measured("AWS/Lambda", "Errors", within=_FIVE, **through_alias(AUTHORIZER, stage)),
        at=1,
        means="The authorizer failed: whoever asked was told 500 before anything was looked at.",
        see="functions",
        topic=topic,
    )


def _watch_spilling(scope: Construct, declared: Function, stage: Stage, topic: ITopic | None) -> None:
    alarm(
        scope,
        f"{declared.name.title().replace('_', '')}Spills",
        metric=measured(
            "AWS/Lambda",
            "ProvisionedConcurrencySpilloverInvocations",
            within=_FIVE,
            FunctionName=function_name(declared, stage),
        ),
        at=_BURST,
        times=(2, 3),
        means=f"More calls of {declared.name} come than instances wait for it: some begin cold.",
        see="functions",
        topic=topic,
    )
