"""Passes on what waits, for as long as it stays: events to the bus, due jobs to their queues.

The clock wakes it, and a second one that comes too early or too late does no harm: one has the turn. Whatever ends it,
the rows that it had not marked wait for the next one.
"""

import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from freehold import clock
from freehold.database import database
from freehold.messaging.bus import EventBridge
from freehold.messaging.relay import Relay
from freehold.messaging.stay import stay
from freehold.observability import logger
from freehold.settings import settings

FOR_A_TURN = 15.0  # seconds; a statement that takes as long as it may, and calls that are tried again

SYSTEM = database("freehold_system")
RELAY = Relay(SYSTEM, EventBridge(settings().bus))
THREADS = ThreadPoolExecutor(2, thread_name_prefix="relay")


def handler(_event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Stay. What fails in one half does not stop the other."""
    latest = time.monotonic() + clock.left(context) - FOR_A_TURN
    until = min(time.monotonic() + settings().relay_stays, latest)
    halves = [THREADS.submit(half, until, latest) for half in (_pass_events_on,)]
    wait(halves)
    for half in halves:
        half.result()


def _pass_events_on(until: float, latest: float) -> None:
    logger.thread_safe_append_keys(stage=settings().stage)
    stay(RELAY.turn, until=until, latest=latest)
    RELAY.finish()
