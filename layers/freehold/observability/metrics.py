"""Metrics out of lines: where the stage pays for them, a line also says which of its fields CloudWatch is to count.

Each name in each function is billed by the month, so there are few, and a dimension is only what the manifest bounds:
the stage and the function. A tenant is a field of the line, which costs nothing and can be searched for.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from freehold.settings import settings

NAMESPACE = "Freehold"
DIMENSIONS = ("stage", "function")

type Metrics = Mapping[str, str]
"""From name to unit."""

OF_REQUESTS: Metrics = {
    "Latency": "Milliseconds",
    "Faults": "Count",
    "ColdStarts": "Count",
    "DatabaseTime": "Milliseconds",
    "RoundTrips": "Count",
}
OF_RECORDS: Metrics = {"Records": "Count", "Failures": "Count", "Age": "Seconds"}


def embedded(metrics: Metrics, *values: float) -> dict[str, Any]:
    """What a line has to say besides, in the order of the metrics; nothing where the stage has no metrics."""
    if not settings().metrics:
        return {}
    counted = dict(zip(metrics, (+value for value in values), strict=True))  # what is a bool counts as 0 or 1
    return {**counted, "_aws": _directive(metrics)}


def _directive(metrics: Metrics) -> dict[str, Any]:
    counted: Sequence[dict[str, str]] = [{"Name": name, "Unit": unit} for name, unit in metrics.items()]
    of_each = {"Namespace": NAMESPACE, "Dimensions": [list(DIMENSIONS)], "Metrics": counted}
    return {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [of_each]}
