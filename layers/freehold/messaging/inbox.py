"""An event as one unit of work: a consumer takes it, and what it does with it commits with that, once.

    handler = consumer("fan_out", service.deliveries)

Events come at least once and in any order. The consumer's name is its worker's, which its migration declares
(`call app.worker`); what has had an event is a row of app.inbox.
"""

from collections.abc import Callable
from typing import Any

from freehold.database import Statement, Transaction, WorkerCaller, database, done
from freehold.errors import Unavailable
from freehold.messaging.batch import BusMessage, Failures, consume
from freehold.messaging.events import Event
from freehold.messaging.warm import open_connections

WORKER = "freehold_worker"

type Effects = Callable[[Transaction, Event], None]
"""What a consumer does with an event: it puts statements, and gets what it has to look at first."""


def consumer(worker: str, effects: Effects) -> Callable[[dict[str, Any], Any], Failures]:
    """The handler of a queue that the bus fills. Opens the database connection now."""
    open_connections(WORKER)

    def handler(event: dict[str, Any], context: Any) -> Failures:  # noqa: ANN401 (Lambda's)
        return consume(event, context, lambda message: receive(worker, message.detail, effects), body=BusMessage)

    return handler


def receive(worker: str, event: Event, effects: Effects) -> None:
    """Take the event and do what is to be done, or neither. Raises Replay where this worker has had it.

    A unit whose outcome nobody knows runs again as well: it finds its event taken.
    """
    try:
        _once(worker, event, effects)
    except Unavailable:
        _once(worker, event, effects)


def _once(worker: str, event: Event, effects: Effects) -> None:
    caller = WorkerCaller(tenant_id=event.tenant_id, worker=worker, request_id=event.request_id)
    with database(WORKER).working(caller).transaction() as tx:
        tx.put(taken(worker, event))
        effects(tx, event)


def taken(consumer: str, event: Event) -> Statement[None]:
    """That this consumer has had this event, which it can only say once."""
    return done("select app.receive(%(consumer)s, %(event)s)", consumer=consumer, event=event.id)
