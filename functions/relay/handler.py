"""Passes on what waits, for as long as it stays: events to the bus, due jobs to their queues.

The clock wakes it, and a second one that comes too early or too late does no harm: one has the turn. Whatever ends it,
the rows that it had not marked wait for the next one.
"""

import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Any

from freehold import clock
from freehold.database import database
from freehold.jobs.dispatcher import Dispatcher, rooms
from freehold.messaging.bus import EventBridge
from freehold.messaging.clockwork import called_by_the_clock
from freehold.messaging.queues import Sqs
from freehold.messaging.relay import Relay
from freehold.messaging.stay import stay
from freehold.releases import checked
from freehold.settings import settings

FOR_A_TURN = 15.0  # seconds; a statement that takes as long as it may, and calls that are tried again

SYSTEM = database("freehold_system")
RELAY = Relay(SYSTEM, EventBridge(settings().bus))
DISPATCHER = Dispatcher(
    SYSTEM,
    Sqs(settings().queues),
    {
        job_class: room
        for job_class, room in rooms(settings().workers_at_once).items()
        if job_class.value in settings().queues
    },
)


@checked("freehold_system")
@called_by_the_clock("relay", traced=False)
def handler(_event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Stay. What fails in one half does not stop the other; what failed to the end is a failed invocation."""
    latest = time.monotonic() + clock.left(context) - FOR_A_TURN
    until = min(time.monotonic() + settings().relay_stays, latest)
    halves = [THREADS.submit(copy_context().run, half, until, latest) for half in (_pass_events_on, _hand_jobs_over)]
    wait(halves)
    for half in halves:
        half.result()


def _pass_events_on(until: float, latest: float) -> None:
    try:
        stay(RELAY.turn, until=until, latest=latest)
    finally:
        RELAY.finish()


def _hand_jobs_over(until: float, latest: float) -> None:
    stay(DISPATCHER.turn, until=until, latest=latest)


THREADS = ThreadPoolExecutor(2, thread_name_prefix="relay")
"""Each has a database connection of its own."""
