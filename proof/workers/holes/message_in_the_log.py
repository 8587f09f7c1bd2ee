"""A worker logs each message that it gets, so that one can see what it was about."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.messaging import inbox
from freehold.messaging.events import Event
from freehold.messaging.inbox import Effects
from freehold.observability import logger
from proof.http.planting import replaced
from proof.workers.attack import Focus

FOCUS = Focus(functions=("fan_out",))
RECEIVE = inbox.receive


@contextmanager
def plant() -> Iterator[None]:
    """In whatever consumes events."""
    with replaced(inbox, "receive", _receive):
        yield


def _receive(worker: str, event: Event, effects: Effects) -> None:
    logger.info("event", event_data=event.data)
    RECEIVE(worker, event, effects)
