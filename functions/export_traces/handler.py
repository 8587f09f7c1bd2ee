"""What CloudWatch Logs calls with lines of other functions: spans go on as OTLP, errors to Sentry.

It stands in no request's way. What cannot be delivered now raises once all was tried, and Lambda calls again: whoever
has taken theirs gets it twice, with the same ids. What is refused for good is dropped with a line, which nobody hands
over here again: this function's own log is not read.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from freehold import clock
from freehold.observability import Observation, begun, is_cold, logger, observing
from functions.export_traces import otlp, sentry
from functions.export_traces.destinations import Destinations, destinations
from functions.export_traces.lines import Line, lines_of
from functions.export_traces.posting import Undelivered

type Deliver = Callable[[Sequence[Line], Destinations], int]


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Deliver what came. Raises Undelivered where the same may succeed later."""
    clock.allow(clock.left(context))
    request_id = getattr(context, "aws_request_id", "")
    with observing(Observation(begun(context, request_id, principal="logs", cold_start=is_cold()))) as seen:
        began, lines, to = time.perf_counter(), lines_of(event), destinations()
        failed: list[Undelivered] = []
        spans = _delivered(otlp.deliver, lines, to, failed)
        errors = _delivered(sentry.deliver, lines, to, failed)
        spent = round((time.perf_counter() - began) * 1000, 1)
        logger.info("exported", lines=len(lines), spans=spans, errors=errors, ms=spent, **seen.measures())
        if failed:
            raise Undelivered(" ".join(map(str, failed)))


def _delivered(deliver: Deliver, lines: Sequence[Line], to: Destinations, failed: list[Undelivered]) -> int:
    """How many were taken; whoever takes nothing now keeps nothing from the others."""
    try:
        return deliver(lines, to)
    except Undelivered as error:
        failed.append(error)
        return 0
