"""What the clock calls every five minutes; a late or doubled call finds a job that is under way."""

import contextlib
import time
from typing import Any

from freehold import clock
from freehold.database import database
from freehold.messaging.clockwork import called_by_the_clock, caused_by
from freehold.messaging.periods import once, period
from freehold.releases import checked
from freehold.usage.comparison import comparing
from freehold.usage.metering import meters_of_stage
from freehold.usage.reporting import reporting
from freehold.usage.waking import NotAllReached, wake, wake_comparisons
from product.plans import PLANS

FOR_ONE = 20.0  # seconds; a page of tenants, and a job for one of them

SYSTEM = database("freehold_system")
WORKER = database("freehold_worker")
REPORT = reporting(meters_of_stage, PLANS)
COMPARE = comparing(meters_of_stage, PLANS)


@checked("freehold_system", "freehold_worker")
@called_by_the_clock("report_usage")
def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Submit a job for each tenant that has used something; what an exception leaves is for the next call.

    From the first call of a day in UTC on those that compare are submitted, too, until all tenants were reached.
    """
    left = clock.left(context)
    latest, caused = time.monotonic() + left - FOR_ONE, caused_by("report_usage", event)
    wake(SYSTEM, WORKER, REPORT, request_id=caused, latest=latest)
    with contextlib.suppress(NotAllReached):
        once(
            SYSTEM,
            "compare_usage",
            period(event, "day"),
            lambda: wake_comparisons(SYSTEM, WORKER, COMPARE, request_id=caused, latest=latest),
            hold=left,
        )
