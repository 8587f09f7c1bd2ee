"""The metrics that deployed functions write at stages which count them: what dashboards show, and what is billed.

They write them as freehold.observability.metrics says; a test holds the two together.
"""

from collections.abc import Mapping

from functions.declaration import Function

NAMESPACE = "Freehold"
DIMENSIONS = ("stage", "function")

OF_REQUESTS: Mapping[str, str] = {
    "Latency": "Milliseconds",
    "Faults": "Count",
    "ColdStarts": "Count",
    "DatabaseTime": "Milliseconds",
    "RoundTrips": "Count",
}
OF_RECORDS: Mapping[str, str] = {"Records": "Count", "Failures": "Count", "Age": "Seconds"}
"""From name to CloudWatch's unit."""


def metrics_of(declared: Function) -> Mapping[str, str]:
    """Of one function, by what calls it. Calls by the clock are counted by Lambda itself, at no cost."""
    if declared.routes:
        return OF_REQUESTS
    return OF_RECORDS if declared.queue else {}
