"""Events to the bus: the gateway to EventBridge.

PutEvents takes ten events, and answers 200 with those inside that it did not take.
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

from freehold.messaging.aws import AT_ONCE, client
from freehold.messaging.calls import refused_of
from freehold.messaging.chunks import chunks
from freehold.observability import calling_aws, logger

SOURCE = "freehold"
MOST_ENTRIES = 10
MOST_BYTES = 256 * 1024
"""Of an entry, and of the entries of one call: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""


class Announced(NamedTuple):
    """An event that waits; `envelope` is the JSON that its consumers see."""

    id: str
    type: str
    tenant_id: str
    envelope: str


class Bus(Protocol):
    """Where events go."""

    def publish(self, events: Sequence[Announced]) -> set[str]:
        """Publish them; the ids of those that the bus did not take.

        Raises what the client raises when not one call reached the bus: none of them may have been taken, or some.
        """


class EventBridge:
    """The event bus of this stage."""

    def __init__(self, name: str) -> None:
        """Take the name of the bus."""
        self._name = name
        self.client = client("events")
        self._threads = ThreadPoolExecutor(AT_ONCE)

    def publish(self, events: Sequence[Announced]) -> set[str]:
        """As `Bus` says."""
        too_large = {event.id: size for event in events if (size := entry_size(event)) > MOST_BYTES}
        for event in events:
            if event.id in too_large:
                _log_refused(event, "TooLarge", f"{too_large[event.id]} bytes; an event has at most {MOST_BYTES}.")
        fitting = [event for event in events if event.id not in too_large]
        calls = chunks(fitting, size=entry_size, most=MOST_ENTRIES, most_bytes=MOST_BYTES)
        return too_large.keys() | {event.id for event in refused_of(self._put, calls, self._threads)}

    def _put(self, events: Sequence[Announced]) -> Iterator[Announced]:
        entries = [
            {"EventBusName": self._name, "Source": SOURCE, "DetailType": event.type, "Detail": event.envelope}
            for event in events
        ]
        with calling_aws("EventBridge", "PutEvents"):
            answer = self.client.put_events(Entries=entries)
        for event, entry in zip(events, answer["Entries"], strict=True):
            if "EventId" not in entry:
                _log_refused(event, entry.get("ErrorCode", ""), entry.get("ErrorMessage", ""))
                yield event


def entry_size(event: Announced) -> int:
    """In bytes, as EventBridge counts.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-event-size
    """
    return len(SOURCE) + len(event.type.encode()) + len(event.envelope.encode())


def _log_refused(event: Announced, code: str, why: str) -> None:
    logger.error(
        "event refused",
        event_id=event.id,
        event_type=event.type,
        tenant_id=event.tenant_id,
        code=code,
        why=why,
    )
