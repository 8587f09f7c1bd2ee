"""From an event to its deliveries: one for each endpoint that is for it, with the event's own unit of work."""

from collections.abc import Callable, Mapping

from freehold.database import Transaction
from freehold.messaging.events import Event, EventType
from freehold.webhooks import sending

WORKER = "fan_out"

type Catalog = Mapping[str, EventType]
"""Every event type that there is, by name."""


class UnknownEventType(Exception):
    """An event of a type that this version of the code does not know. It comes again, until a version is there that does."""


def fan_out(catalog: Catalog) -> Callable[[Transaction, Event], None]:
    """What makes the deliveries of one event. Raises UnknownEventType."""

    def effects(tx: Transaction, event: Event) -> None:
        if event.type not in catalog:
            raise UnknownEventType(event.type)
        kind = catalog[event.type]
        if kind.subscribable:
            tx.put(sending.insert_deliveries(event, kind.permission.name))

    return effects
