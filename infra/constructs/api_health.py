"""Whether the API as a whole answers, and how soon: two alarms, which also stop a deploy that shifts traffic.

They are named, so that a deployment group of any stack can name them: see `health_alarms`.
"""

from datetime import timedelta

from aws_cdk.aws_cloudwatch import MathExpression
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.alarms import alarm, calculated, measured
from infra.slos import ENOUGH, FAULTS, FAULTS_WITHIN, FEWEST, SLOW
from infra.stage import Stage

_MINUTE = timedelta(minutes=1)


def health_alarms(stage: Stage) -> tuple[str, ...]:
    """Their names; none where nobody is woken."""
    if not stage.watch.wakes:
        return ()
    return (f"freehold-{stage.name}-api-faults", f"freehold-{stage.name}-api-latency")


def watch_api(scope: Construct, *, stage: Stage, api_id: str, topic: ITopic | None) -> None:
    """Wake somebody. A few failures, or a percentile of a few requests, are chance."""
    if not stage.watch.wakes:
        return
    faults, latency = health_alarms(stage)
    alarm(
        scope,
        "ApiFaults",
        called=faults,
        metric=share_of_faults(api_id, within=FAULTS_WITHIN),
        at=100 * FAULTS,
        means="Requests fail for a fault of ours (5xx), more than a few in five minutes.",
        see="the-api",
        topic=topic,
    )
    alarm(
        scope,
        "ApiLatency",
        called=latency,
        metric=calculated(
            f"IF(requests >= {ENOUGH}, latency, 0)",
            within=_MINUTE,
            label="95th percentile, ms",
            requests=measured("AWS/ApiGateway", "Count", within=_MINUTE, ApiId=api_id),
            latency=measured("AWS/ApiGateway", "Latency", within=_MINUTE, ApiId=api_id),
        ),
        at=SLOW,
        times=(3, 5),
        means="One request in twenty takes a second or longer, for minutes.",
        see="the-api",
        topic=topic,
    )


def share_of_faults(api_id: str, *, within: timedelta) -> MathExpression:
    """Percent of the requests; 0 where fewer have failed than say anything."""
    return calculated(
        f"IF(FILL(faults, 0) >= {FEWEST}, 100 * FILL(faults, 0) / requests, 0)",
        within=within,
        label="Share of faults, percent",
        requests=measured("AWS/ApiGateway", "Count", within=within, ApiId=api_id),
        faults=measured("AWS/ApiGateway", "5xx", within=within, ApiId=api_id),
    )
