"""From an event to its deliveries: one for each endpoint that is for it, with the event's own unit of work."""

from freehold.database import Transaction
from freehold.messaging.catalog import Catalog
from freehold.messaging.events import Event
from freehold.messaging.inbox import Effects
from freehold.webhooks import sending

WORKER = "fan_out"


class UnknownEventType(Exception):
    """This version of the code does not know the event's type. It comes again, until there is one that does."""


def fan_out(catalog: Catalog) -> Effects:
    """What makes the deliveries of one event. Raises UnknownEventType."""

    def effects(tx: Transaction, event: Event) -> None:
        if (kind := catalog.get(event.type)) is None:
            raise UnknownEventType(event.type)
        if kind.subscribable:
            tx.put(sending.insert_deliveries(event, kind.permission.name))

    return effects
