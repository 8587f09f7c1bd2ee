"""Spans as OpenTelemetry's own schema reads them, and the trees that they form."""

import base64
import json
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

IDS = ("traceId", "spanId", "parentSpanId")


def parsed(request: dict[str, Any]) -> ExportTraceServiceRequest:
    """What a collector reads; ids are in hexadecimal, where protobuf's own JSON has base64. Raises ParseError."""
    request = deepcopy(request)
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for each in (span, *span.get("links", ())):
                    for name in IDS:
                        if name in each:
                            each[name] = base64.b64encode(bytes.fromhex(each[name])).decode()
    return json_format.Parse(json.dumps(request), ExportTraceServiceRequest())


def spans_of(request: dict[str, Any]) -> list[Span]:
    return [s for r in parsed(request).resource_spans for scope in r.scope_spans for s in scope.spans]


def attributes(span: Span) -> dict[str, Any]:
    """By their names."""
    found = {}
    for pair in span.attributes:
        kind = pair.value.WhichOneof("value")
        value = getattr(pair.value, kind)
        found[pair.key] = [each.string_value for each in value.values] if kind == "array_value" else value
    return found


def faults(spans: Sequence[Span]) -> list[str]:
    """Why these spans are not one tree; nothing where they are."""
    ids = [span.span_id for span in spans]
    roots = [span.name for span in spans if not span.parent_span_id]
    found = [] if len(roots) == 1 else [f"{len(roots)} roots: {roots}"]
    found += [f"{len(ids) - len(set(ids))} ids are there twice"] if len(set(ids)) < len(ids) else []
    found += ["there are several traces"] if len({span.trace_id for span in spans}) > 1 else []
    found += [f"{s.name} is an orphan" for s in spans if s.parent_span_id and s.parent_span_id not in ids]
    return found + [f"{s.name} ends before it begins" for s in spans if s.end_time_unix_nano < s.start_time_unix_nano]


def below(spans: Sequence[Span], name: str) -> list[str]:
    """Names of the spans right below the one of this name."""
    [above] = {span.span_id for span in spans if span.name == name}
    return sorted(span.name for span in spans if span.parent_span_id == above)
