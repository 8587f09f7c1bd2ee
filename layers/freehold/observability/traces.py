"""Ids of traces and spans, derived from ids that travel already: nothing is added to the wire, to rows or to messages.

A request's id goes from the request to its events, its jobs and their deliveries. Whoever holds it knows the trace, and
the span of whoever came before it. Whether a trace is sampled follows from its id, so every hop says the same: the last
56 bits against a threshold. Source: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/

The header is W3C's: https://www.w3.org/TR/trace-context/#traceparent-header
"""

import re
from hashlib import sha256

from freehold.settings import settings

RANDOMNESS = 56  # bits
HEADER = "traceparent"
_WELL_FORMED = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


def trace_id(request_id: str) -> str:
    """Of all that a request leads to, in hexadecimal."""
    return sha256(f"trace:{request_id}".encode()).hexdigest()[:32]


def span_id(step: str, of: object) -> str:
    """Of one step, `request`, `publish` or `send`, and the id of what it is a step of."""
    return sha256(f"span:{step}:{of}".encode()).hexdigest()[:16]


def is_sampled(trace: str, share: float) -> bool:
    """Whether this trace is among the share, 0 to 1, of all that are written down."""
    return int(trace[-RANDOMNESS // 4 :], 16) >= round((1 - share) * (1 << RANDOMNESS))


def sampled(request_id: str) -> str | None:
    """The trace that this request begins or belongs to, where this stage writes it down."""
    share = settings().traces
    if not share or not request_id:
        return None
    trace = trace_id(request_id)
    return trace if is_sampled(trace, share) else None


def header(trace: str, span: str) -> str:
    """What tells somebody else to go on with a trace that is written down."""
    return f"00-{trace}-{span}-01"


def read_header(given: str) -> tuple[str, str] | None:
    """The trace and the span that a caller names; None for anything that is not exactly well-formed."""
    found = _WELL_FORMED.fullmatch(given)
    if found is None or found[1] == _NO_TRACE or found[2] == _NO_SPAN:
        return None
    return found[1], found[2]
