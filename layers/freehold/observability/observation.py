"""What is being worked on, be it a request, a record or a call by the clock: its lines' fields, and what it has taken.

It is found by whoever works for it, without being handed on. When the work ends, so does it: nothing of it is left for
the next one.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from freehold.observability import process, traces

MOST_STEPS = 10
"""How many a line lists; of the others it has the sums."""

_current: ContextVar["Observation | None"] = ContextVar("observation", default=None)


class Observation:
    """`trace` is None where nothing is sampled; `span_id` is of what is under way, the parent of what comes."""

    __slots__ = (
        *("_is_somebodys", "_lock", "_steps", "calls", "calls_seconds", "db_seconds", "fields"),
        *("round_trips", "span_id", "statements", "trace"),
    )

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self._is_somebodys = False
        self.trace: str | None = None
        self.span_id = ""
        self.db_seconds, self.round_trips, self.statements = 0.0, 0, 0
        self.calls, self.calls_seconds = 0, 0.0
        self._steps: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def join(self, request_id: str, step: str = "") -> None:
        """It is of this request's trace; as which step, where others have to find it."""
        self.trace = traces.sampled(request_id)
        if self.trace:
            self.span_id = traces.span_id(step, request_id) if step else new_span_id()

    def belongs_to(self, tenant_id: object, principal: str) -> None:
        """From now on, each line says in which tenant, and who acts: our id of them, or else what they are."""
        self.fields["tenant_id"] = str(tenant_id)
        if not self._is_somebodys:
            self.fields["principal"] = principal

    def acts_for(self, principal: str) -> None:
        """Whoever asked for it, whichever of our own roles carries it out."""
        self.fields["principal"], self._is_somebodys = principal, True

    def unit(self, name: str, *, seconds: float, round_trips: int, statements: int) -> None:
        """One unit of work at the database is over."""
        with self._lock:
            self.db_seconds += seconds
            self.round_trips += round_trips
            self.statements += statements
            self._step(name, seconds)

    def call(self, name: str, *, seconds: float) -> None:
        """One call to somebody else is over."""
        with self._lock:
            self.calls += 1
            self.calls_seconds += seconds
            self._step(name, seconds)

    def measures(self) -> dict[str, Any]:
        """What it has taken, as its line says it."""
        made: dict[str, Any] = {
            "db_ms": milliseconds(self.db_seconds),
            "round_trips": self.round_trips,
            "statements": self.statements,
        }
        if self.calls:
            made |= {"calls": self.calls, "calls_ms": milliseconds(self.calls_seconds)}
        return made | {"steps": self._steps} if self._steps else made

    def _step(self, name: str, seconds: float) -> None:
        if len(self._steps) < MOST_STEPS:
            self._steps.append({"step": name, "ms": milliseconds(seconds)})


def current() -> Observation | None:
    """What is being worked on; None outside of everything."""
    return _current.get()


@contextmanager
def observing(observation: Observation) -> Iterator[Observation]:
    """Inside, this is what is being worked on."""
    token = _current.set(observation)
    try:
        yield observation
    finally:
        _current.reset(token)


def begun(context: Any, request_id: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's; any field)
    """What the lines of a new piece of work say. A caller's own name for it is known to the request alone."""
    ids = {"request_id": request_id, "correlation_id": request_id} if request_id else {}
    return {**process.fields_of(context), **ids, **fields}


def milliseconds(seconds: float) -> float:
    """As lines say it."""
    return round(seconds * 1000, 1)


def new_span_id() -> str:
    """Of a span that nobody else has to find."""
    return os.urandom(8).hex()
