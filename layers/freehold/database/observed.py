"""Units of work as they are observed: how long each waited for the server, and for what."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from freehold.callers import ActingCaller, Caller, KeyCaller, OperatorCaller, PersonCaller, ScimCaller, Working
from freehold.database import summaries
from freehold.database.flight import Flight
from freehold.observability import Observation, Span, SpanKind, current

SYSTEM = "postgresql"


@contextmanager
def observed_unit(flight: Flight, caller: Caller | Working | None) -> Iterator[None]:
    """Inside, the flight is under way. It is one measure: the server answers all its statements at once."""
    seen = current()
    if seen is None:
        yield
        return
    if caller is not None:
        seen.belongs_to(caller.tenant_id, principal_of(caller))
    began, error = time.time_ns(), ""
    try:
        yield
    except BaseException as raised:
        error = getattr(raised, "sqlstate", None) or type(raised).__qualname__
        raise
    finally:
        name = summaries.of_unit(flight.sent)
        seen.unit(name, seconds=flight.seconds, round_trips=flight.round_trips, statements=len(flight.sent))
        if seen.trace:
            _span(seen, seen.trace, name, flight, began, error).write()


@contextmanager
def observed_connect() -> Iterator[None]:
    """Inside, a connection is opened that somebody waits for."""
    seen, began = current(), time.perf_counter()
    try:
        yield
    finally:
        if seen:
            seen.unit("connect", seconds=time.perf_counter() - began, round_trips=0, statements=0)


def principal_of(caller: Caller | Working) -> str:
    """Who acts, without what is not ours. Which key or member it is, the door alone finds out."""
    match caller:
        case PersonCaller():
            return "person"
        case KeyCaller():
            return "api_key"
        case ScimCaller():
            return "scim"
        case ActingCaller():
            return "acting"
        case OperatorCaller():
            return "operator"
        case _:
            return getattr(caller, "behalf", None) or f"worker:{caller.worker}"


def _span(seen: Observation, trace: str, name: str, flight: Flight, began: int, error: str) -> Span:  # noqa: PLR0913, PLR0917
    statements = summaries.of_each(flight.sent)
    return Span(
        trace=trace,
        name=name,
        kind=SpanKind.CLIENT,
        parent=seen.span_id,
        began=began,
        error=error,
        attributes={
            "db.system.name": SYSTEM,
            "db.query.summary": name,
            "db.operation.batch.size": len(statements) if len(statements) > 1 else None,
            "freehold.db.statements": statements,
            "freehold.db.round_trips": flight.round_trips,
            "freehold.tenant.id": seen.fields.get("tenant_id"),
        },
    )
