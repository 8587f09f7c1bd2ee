"""The one clock of the process: UTC, aware; and how long the current request may still take."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

answer_by: ContextVar[float] = ContextVar("answer_by", default=math.inf)
"""When the current request must have its answer, on the monotonic clock."""


_ahead = timedelta()


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC) + _ahead


@contextmanager
def moved(to: datetime) -> Iterator[None]:
    """Inside, the whole process begins at this moment, and its time goes on from there: for tests. It can be nested."""
    global _ahead  # noqa: PLW0603 (one clock, also for threads that are at work)
    before = _ahead
    _ahead = to - datetime.now(UTC)
    try:
        yield
    finally:
        _ahead = before


def allow(seconds: float) -> None:
    """Give the current request this long from now on."""
    answer_by.set(time.monotonic() + seconds)


def deadline(longest: float) -> float:
    """When something that may take `longest` seconds must end: then, or when the request must have its answer."""
    return min(time.monotonic() + longest, answer_by.get())


def seconds_left() -> float:
    """How many seconds the current request may still take."""
    return answer_by.get() - time.monotonic()


def left(context: Any) -> float:  # noqa: ANN401 (Lambda's; None where there is no Lambda)
    """How many seconds it is until Lambda ends this invocation."""
    return math.inf if context is None else float(context.get_remaining_time_in_millis()) / 1000
