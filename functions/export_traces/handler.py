"""What CloudWatch Logs calls with lines of other functions: spans go on as OTLP, errors to Sentry.

It stands in no request's way. What cannot be delivered now raises, and Lambda calls again; what is refused for good is
dropped with a line, which nobody hands over here again: this function's own log is not read.
"""

import time
from typing import Any

from freehold import clock
from freehold.observability import Observation, begun, is_cold, logger, observing
from functions.export_traces import otlp, sentry
from functions.export_traces.destinations import destinations
from functions.export_traces.lines import lines_of


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Deliver what came. Raises Undelivered where the same may succeed later."""
    clock.allow(clock.left(context))
    request_id = getattr(context, "aws_request_id", "")
    with observing(Observation(begun(context, request_id, principal="logs", cold_start=is_cold()))) as seen:
        began, lines, to = time.perf_counter(), lines_of(event), destinations()
        spans = otlp.deliver(lines, to)
        errors = sentry.deliver(lines, to)
        spent = round((time.perf_counter() - began) * 1000, 1)
        logger.info("exported", lines=len(lines), spans=spans, errors=errors, ms=spent, **seen.measures())
