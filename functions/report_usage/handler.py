"""What the clock calls every five minutes; a late or doubled call finds a job that is under way."""

import time
from typing import Any

from freehold import clock
from freehold.database import database
from freehold.usage.metering import meters_of_stage
from freehold.usage.reporting import reporting
from freehold.usage.waking import wake
from product.plans import PLANS

FOR_ONE = 20.0  # seconds; a page of tenants, and a job for one of them

SYSTEM = database("freehold_system")
WORKER = database("freehold_worker")
REPORT = reporting(meters_of_stage, PLANS)


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Submit a job for each tenant that has used something; what an exception leaves is for the next call."""
    wake(
        SYSTEM,
        WORKER,
        REPORT,
        request_id=f"clock:{event['scheduled_at']}",
        latest=time.monotonic() + clock.left(context) - FOR_ONE,
    )
