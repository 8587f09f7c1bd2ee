"""Spans from lines to an ExportTraceServiceRequest, each below what it says of the process that wrote it.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from itertools import batched, groupby
from operator import itemgetter
from typing import Any

from functions.export_traces.destinations import Destinations
from functions.export_traces.lines import Line
from functions.export_traces.posting import Poster

MOST = 512
"""Spans in one POST."""
SCOPE = {"name": "freehold"}

_PROCESS = ("stage", "function", "version")
_process = itemgetter(*_PROCESS)


def deliver(lines: Iterable[Line], to: Destinations) -> int:
    """How many spans were taken. Raises Undelivered."""
    if not to.otlp_endpoint:
        return 0
    headers = {**to.otlp_headers, "content-type": "application/json", "content-encoding": "gzip"}
    taken = 0
    with Poster(f"{to.otlp_endpoint}/v1/traces", whom="otlp") as poster:
        for some in batched((line.said for line in lines if _is_span(line.said)), MOST, strict=False):
            body = gzip.compress(json.dumps(request(some), separators=(",", ":")).encode(), compresslevel=1)
            if poster.post(headers, body):
                taken += len(some)
    return taken


def _is_span(said: dict[str, Any]) -> bool:
    """Whether a line is one of ours: a library that logs by itself may use the same word."""
    return said.get("message") == "span" and said.keys() >= {"span", *_PROCESS}


def request(lines: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What is posted."""
    return {"resourceSpans": list(_of_each_process(lines))}


def _of_each_process(lines: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for (stage, function, version), some in groupby(sorted(lines, key=_process), _process):
        said = {
            "service.name": f"freehold-{function}",
            "service.namespace": "freehold",
            "service.version": version,
            "deployment.environment.name": stage,
            "cloud.provider": "aws",
            "faas.name": f"freehold-{stage}-{function}",
            "faas.version": version,
        }
        yield {
            "resource": {"attributes": [{"key": key, "value": {"stringValue": value}} for key, value in said.items()]},
            "scopeSpans": [{"scope": SCOPE, "spans": [line["span"] for line in some]}],
        }
