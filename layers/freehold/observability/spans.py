"""Spans without a library: each that is sampled is one line, `span`, that holds a Span of OTLP as its JSON says it.

What collects them is outside of whatever is measured: docs/observability.md. To load the SDK of OpenTelemetry would
cost a cold start more than a request takes. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from freehold.observability.lines import logger
from freehold.observability.observation import Observation, current, new_span_id

type Value = str | bool | int | float | Sequence[str]
type Attributes = dict[str, Value | None]

ERROR = 2
_HERE, _ELSEWHERE = 0x101, 0x301
"""Sampled; the parent is known to be in this process, or in another one."""


class SpanKind(IntEnum):
    """As OTLP numbers them."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


@dataclass(slots=True, kw_only=True)
class Span:
    """One span of a sampled trace, from now on. What is None among its attributes is left out."""

    trace: str
    name: str
    kind: SpanKind
    parent: str = ""
    remote: bool = False
    """Whether the parent is another process's."""
    id: str = field(default_factory=new_span_id)
    began: int = field(default_factory=time.time_ns)
    attributes: Attributes = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    """Traces with their spans that have to do with it and are not above it."""
    error: str = ""
    """What went wrong, in a word."""

    def write(self, *, ended: int | None = None) -> None:
        """It is over: a line of the log."""
        logger.info("span", span=self.otlp(time.time_ns() if ended is None else ended))

    def otlp(self, ended: int) -> dict[str, Any]:
        """As OTLP's JSON says it."""
        attributes = {**self.attributes, "error.type": self.error or None}
        said = {
            "traceId": self.trace,
            "spanId": self.id,
            "parentSpanId": self.parent,
            "flags": _ELSEWHERE if self.remote else _HERE,
            "name": self.name,
            "kind": int(self.kind),
            "startTimeUnixNano": str(self.began),
            "endTimeUnixNano": str(max(ended, self.began)),
            "attributes": _pairs(attributes),
            "links": [{"traceId": trace, "spanId": span} for trace, span in self.links],
            "status": {"code": ERROR} if self.error else {},
        }
        return {name: value for name, value in said.items() if value}


@contextmanager
def step(name: str, kind: SpanKind, attributes: Attributes) -> Iterator[Span | None]:
    """Inside, whatever is under way is in a span of its own; None where nothing is sampled."""
    seen = current()
    if seen is None or seen.trace is None:
        yield None
        return
    span = child(seen, name, kind, attributes)
    seen.span_id = span.id
    try:
        yield span
    except BaseException as error:
        span.error = span.error or type(error).__qualname__
        raise
    finally:
        seen.span_id = span.parent
        span.write()


def child(seen: Observation, name: str, kind: SpanKind, attributes: Attributes) -> Span:
    """A span below what is under way. Its observation is sampled."""
    return Span(trace=seen.trace or "", name=name, kind=kind, parent=seen.span_id, attributes=attributes)


def _pairs(attributes: Mapping[str, Value | None]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items() if value is not None]


def _value(value: Value) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case _:
            return {"arrayValue": {"values": [{"stringValue": each} for each in value]}}
