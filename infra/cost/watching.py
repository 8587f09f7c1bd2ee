"""What it costs to be told: alarms by the metrics in them, and metrics of our own."""

from collections.abc import Iterator

from functions.manifest import FUNCTIONS
from functions.metrics import metrics_of
from infra.cost.lines import Charge
from infra.cost.prices import Prices
from infra.cost.template import Resource, Templates, resources
from infra.stage import Stage


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
        quantity = sum(len(metrics_of(declared)) for declared in FUNCTIONS)
        why = "a few of each function that requests or a queue call"
        yield Charge(name="Metrics of functions", price="cloudwatch.metric", quantity=quantity, why=why)
