"""What it costs to be told: alarms by the metrics in them, and metrics of our own."""

from collections.abc import Iterator

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.cost.lines import Charge
from infra.cost.prices import Prices
from infra.cost.template import Resource, Templates, resources
from infra.stage import Stage

METRICS_OF_ROUTES = ("Latency", "Faults", "ColdStarts", "DatabaseTime", "RoundTrips")
METRICS_OF_QUEUES = ("Records", "Failures", "Age")
"""What a function measures where `stage.watch.metrics`; a test holds them to freehold.observability.metrics."""


def alarm(resource: Resource, _prices: Prices) -> Iterator[Charge]:
    """One that computes bills each metric that it computes with."""
    parts = resource.properties.get("Metrics", [])
    metrics = sum("MetricStat" in part for part in parts) or 1
    yield Charge(name="Alarms", price="cloudwatch.alarm", quantity=metrics, why="by the metrics in them")


def metrics(templates: Templates, stage: Stage) -> Iterator[Charge]:
    """A metric bills only for hours in which it is written, so one that counts what goes wrong is not counted here."""
    written = {
        (change["MetricNamespace"], change["MetricName"])
        for resource in resources(templates)
        if resource.type == "AWS::Logs::MetricFilter"
        for change in resource.properties["MetricTransformations"]
        if change["MetricValue"].startswith("$") or "DefaultValue" in change
    }
    if written:
        why = "read from logs all the time; what counts mishaps bills by the hour of one"
        yield Charge(name="Metrics from logs", price="cloudwatch.metric", quantity=len(written), why=why)
    if stage.watch.metrics:
        routed, queued = (
            sum(bool(having) for having in each) for each in zip(*map(_called_by, FUNCTIONS), strict=True)
        )
        quantity = routed * len(METRICS_OF_ROUTES) + queued * len(METRICS_OF_QUEUES)
        why = f"{len(METRICS_OF_ROUTES)} of each function with routes, {len(METRICS_OF_QUEUES)} of each with a queue"
        yield Charge(name="Metrics of functions", price="cloudwatch.metric", quantity=quantity, why=why)


def _called_by(function: Function) -> tuple[bool, bool]:
    return bool(function.routes), bool(function.queue)
