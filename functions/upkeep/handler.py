"""What the clock calls once an hour; a late or doubled call finds it done."""

import time
from functools import partial
from typing import Any

from freehold import clock
from freehold.database import database
from freehold.messaging.clockwork import called_by_the_clock
from freehold.messaging.periods import once, period
from freehold.releases import checked
from freehold.upkeep.service import tidy

FOR_ONE = 15.0  # seconds; a deletion that takes as long as it may, and the answer

SYSTEM = database("freehold_system")


@checked("freehold_system")
@called_by_the_clock("upkeep")
def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Delete what was over then. An exception is a failed invocation, which Lambda repeats."""
    left = clock.left(context)
    work = partial(tidy, SYSTEM, latest=time.monotonic() + left - FOR_ONE)
    once(SYSTEM, "upkeep", period(event, "hour"), work, hold=left)
