"""A request as it is observed: its line, its metrics, and the root of its trace."""

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from freehold.http.events import Event
from freehold.observability import Observation, Span, SpanKind, begun, is_cold, logger, traces
from freehold.observability.metrics import OF_REQUESTS, embedded
from freehold.observability.observation import milliseconds

PUBLIC = "anonymous"
"""Who acts where nobody has said who they are."""


@dataclass(slots=True, kw_only=True)
class Request:
    """A request that is being answered."""

    seen: Observation
    event: Event
    context: Any
    cold: bool
    began: float = field(default_factory=time.perf_counter)
    began_at: int = field(default_factory=time.time_ns)

    def answered(self, status: int) -> None:
        """Its line, and its span where it is sampled."""
        seen, latency = self.seen, milliseconds(time.perf_counter() - self.began)
        fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        database = milliseconds(seen.db_seconds)
        logger.info(
            "request",
            route=self.event.route,
            status=status,
            ms=latency,
            **seen.measures(),
            **embedded(OF_REQUESTS, latency, fault, self.cold, database, seen.round_trips),
        )
        if seen.trace:
            self._span(seen.trace, status, fault=fault).write()

    def _span(self, trace: str, status: int, *, fault: bool) -> Span:
        """The root. What a caller says of a trace of theirs is a link: anybody can say anything."""
        theirs = traces.read_header(self.event.headers.get(traces.HEADER, ""))
        return Span(
            trace=trace,
            id=self.seen.span_id,
            name=self.event.route,
            kind=SpanKind.SERVER,
            began=self.began_at,
            links=[theirs] if theirs else [],
            error=str(status) if fault else "",
            attributes={
                "http.request.method": self.event.method,
                "http.route": self.event.route.partition(" ")[2],
                "http.response.status_code": status,
                "url.scheme": "https",
                "faas.trigger": "http",
                "faas.coldstart": self.cold,
                "faas.invocation_id": getattr(self.context, "aws_request_id", None),
                "freehold.request.id": self.event.request_id,
                "freehold.tenant.id": self.seen.fields.get("tenant_id"),
                "freehold.principal": self.seen.fields["principal"],
            },
        )


def opened(event: Event, context: Any) -> Request:  # noqa: ANN401 (Lambda's)
    """A request that begins here."""
    request_id, cold = event.request_id, is_cold()
    said = begun(context, request_id, principal=event.who.get("kind", PUBLIC), cold_start=cold)
    said["correlation_id"] = event.correlation_id
    seen = Observation(said)
    seen.join(request_id, "request")
    return Request(seen=seen, event=event, context=context, cold=cold)
