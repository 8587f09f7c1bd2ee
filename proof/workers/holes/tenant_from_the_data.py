"""A worker takes the tenant from the event's data, where there is one, instead of from the envelope."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.database import WorkerCaller, database
from freehold.ids import TenantId
from freehold.messaging import inbox
from freehold.messaging.events import Event
from freehold.messaging.inbox import Effects
from proof.http.planting import replaced
from proof.workers.attack import Focus

FOCUS = Focus(functions=("fan_out",))


@contextmanager
def plant() -> Iterator[None]:
    """In whatever consumes events."""
    with replaced(inbox, "receive", _receive):
        yield


def _receive(worker: str, event: Event, effects: Effects) -> None:
    tenant = TenantId(event.data.get("tenant_id", event.tenant_id))
    caller = WorkerCaller(tenant_id=tenant, worker=worker, request_id=event.request_id)
    with database(inbox.WORKER).working(caller).transaction() as tx:
        tx.put(inbox.taken(worker, event))
        effects(tx, event)
