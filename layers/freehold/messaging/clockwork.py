"""What the clock calls, observed: one line a call, `schedule`, and in each line which call it was."""

import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from freehold.database.session import hang_up
from freehold.messaging.sleep import is_left_alone
from freehold.observability import Observation, Span, SpanKind, begun, is_cold, logger, observing
from freehold.observability.observation import milliseconds
from freehold.settings import settings

type Handler[R] = Callable[[dict[str, Any], Any], R]


def called_by_the_clock[R](function: str, *, traced: bool = True) -> Callable[[Handler[R]], Handler[R | None]]:
    """A handler of this function. What it raises is logged, and raises: it is a failed invocation.

    Each call is a trace of its own, but where it only passes on what belongs to those of others. What comes often
    lets a database sleep that nobody has used since; what comes once a day has no such setting, and wakes it.
    """

    def observed(work: Handler[R]) -> Handler[R | None]:
        @wraps(work)
        def handler(event: dict[str, Any], context: Any) -> R | None:  # noqa: ANN401 (Lambda's)
            logger.thread_safe_clear_keys()
            call = _Call(caused_by(function, event), context, traced=traced)
            with observing(call.seen):
                if is_left_alone(event):
                    call.done("left_alone")
                    return None
                try:
                    answer = work(event, context)
                except BaseException as error:
                    call.failed(error)
                    raise
                finally:
                    if settings().sleeper:
                        hang_up()
                call.done("done")
            return answer

        return handler

    return observed


def caused_by(function: str, event: Mapping[str, Any]) -> str:
    """What stands in place of a request's id where the clock began something: the function, and when it was due."""
    return f"clock:{function}:{event.get('scheduled_at', 'by hand')}"


class _Call:
    def __init__(self, cause: str, context: Any, *, traced: bool) -> None:  # noqa: ANN401 (Lambda's)
        self._began, self._began_at = time.perf_counter(), time.time_ns()
        said = begun(context, cause, principal="clock", cold_start=is_cold())
        self.seen = Observation(said)
        if traced:
            self.seen.join(cause, "request")

    def done(self, outcome: str) -> None:
        logger.info("schedule", outcome=outcome, **self._measures())
        self._write("")

    def failed(self, error: BaseException) -> None:
        logger.error("schedule", outcome="failed", **self._measures(), exc_info=error)
        self._write(type(error).__qualname__)

    def _measures(self) -> dict[str, Any]:
        return {"ms": milliseconds(time.perf_counter() - self._began), **self.seen.measures()}

    def _write(self, error: str) -> None:
        """The root of a trace of its own."""
        if self.seen.trace:
            said = self.seen.fields
            Span(
                trace=self.seen.trace,
                id=self.seen.span_id,
                name=f"schedule {said['function']}",
                kind=SpanKind.SERVER,
                began=self._began_at,
                error=error,
                attributes={"faas.trigger": "timer", "faas.coldstart": said["cold_start"]},
            ).write()
