"""What billing says in its logs that somebody has to look at: a metric for each, and an alarm."""

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Metric
from aws_cdk.aws_logs import FilterPattern, ILogGroup, MetricFilter
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from functions.declaration import Function
from infra.constructs.alarms import alarm
from infra.metrics import NAMESPACE
from infra.slos import LATE_TRIES
from infra.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complaint:
    """Lines of the log that fit the pattern, of the functions that write them."""

    pattern: str
    metric: str
    functions: tuple[str, ...]
    means: str


_COMPLAINTS = (
    _Complaint(
        pattern='{ $.message = "stripe event quarantined" }',
        metric="stripe-quarantined",
        functions=("stripe_webhook", "stripe_events"),
        means="Stripe tells in a version of its API that we do not read: docs/runbooks/stripe.md, Quarantine.",
    ),
    _Complaint(
        pattern=(
            '{ $.message = "stripe event" && $.state = "waiting" && '
            '($.event_type = "customer.subscription.created" || $.event_type = "invoice.paid") }'
        ),
        metric="stripe-unclaimed",
        functions=("stripe_webhook", "stripe_events"),
        means="Somebody pays at Stripe who is no tenant here: docs/runbooks/stripe.md, Nobody's.",
    ),
    _Complaint(
        pattern='{ $.message = "billing problem" }',
        metric="billing-problem",
        functions=("run_billing", "run_payments", "reconcile_billing", "checkout"),
        means="Stripe says something of a tenant that we do not know; what held goes on. The log says what it is.",
    ),
    _Complaint(
        pattern=(
            '{ $.message = "job" && ($.outcome = "failed" || '
            f'($.kind = "billing.sync" && $.outcome = "again" && $.attempt >= {LATE_TRIES})) }}'
        ),
        metric="billing-sync-failed",
        functions=("run_billing",),
        means="What a tenant has bought or used is not known here after many tries: look into the log of run_billing.",
    ),
    _Complaint(
        pattern=(
            '{ $.message = "usage refused" || $.message = "usage in doubt" || $.message = "usage is not compared" }'
        ),
        metric="usage-doubtful",
        functions=("run_billing", "run_payments", "report_usage", "stripe_webhook", "stripe_events"),
        means="What was used and what Stripe counts of it may differ: docs/runbooks/stripe.md, Usage in doubt.",
    ),
    _Complaint(
        pattern='{ $.message = "reconciled" && $.drift > 0 }',
        metric="billing-drift",
        functions=("reconcile_billing",),
        means="Our copy of what Stripe holds had fallen behind: events do not arrive, or looks at them fail.",
    ),
    _Complaint(
        pattern='{ $.message = "reconciled" && $.left > 0 }',
        metric="billing-left",
        functions=("reconcile_billing",),
        means="A night was too short to compare all tenants with Stripe: docs/runbooks/stripe.md, Not reached.",
    ),
)


def count_complaints(scope: Construct, declared: Function, logs: ILogGroup, stage: Stage) -> None:
    """Each time that the function writes such a line, it counts."""
    for complaint in _COMPLAINTS:
        if stage.watch.wakes and declared.name in complaint.functions:
            MetricFilter(
                scope,
                complaint.metric.title().replace("-", ""),
                log_group=logs,
                filter_pattern=FilterPattern.literal(complaint.pattern),
                metric_namespace=NAMESPACE,
                metric_name=f"{stage.name}-{complaint.metric}",
                metric_value="1",
            )


def watch_complaints(scope: Construct, manifest: Iterable[Function], *, stage: Stage, topic: ITopic | None) -> None:
    """Wake somebody by the first one, whichever function has written it."""
    names = {declared.name for declared in manifest}
    for complaint in _COMPLAINTS:
        if names.intersection(complaint.functions):
            alarm(
                scope,
                complaint.metric.title().replace("-", ""),
                metric=Metric(
                    namespace=NAMESPACE,
                    metric_name=f"{stage.name}-{complaint.metric}",
                    statistic="Sum",
                    period=Duration.minutes(5),
                ),
                at=1,
                means=complaint.means,
                see="billing-and-usage",
                topic=topic,
            )
