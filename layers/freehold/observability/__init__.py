"""What the code says of what it does: lines, measures, metrics and spans. Each of them is a line of the log."""

from freehold.observability.calls import Call, calling_aws, calling_http, host_of
from freehold.observability.discretion import message_of
from freehold.observability.lines import logger
from freehold.observability.observation import Observation, begun, current, observing
from freehold.observability.process import is_cold
from freehold.observability.spans import Span, SpanKind, step

__all__ = [
    "Call",
    "Observation",
    "Span",
    "SpanKind",
    "begun",
    "calling_aws",
    "calling_http",
    "current",
    "host_of",
    "is_cold",
    "logger",
    "message_of",
    "observing",
    "step",
]
