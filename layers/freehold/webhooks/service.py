"""Making, changing and trying webhook endpoints, and having things sent again."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from freehold import clock, permissions
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import InvalidInput, PreconditionFailed
from freehold.fields import IfMatch
from freehold.jobs.models import Job
from freehold.messaging.catalog import Catalog
from freehold.messaging.events import Event, EventType
from freehold.webhooks import queries
from freehold.webhooks.events import WEBHOOK_ENDPOINT_TESTED, Tested
from freehold.webhooks.models import (
    ALL,
    Delivery,
    DeliveryId,
    DeliveryWithAttempts,
    Endpoint,
    EndpointChange,
    EndpointId,
    EndpointWithSecret,
    EventTypes,
    NewEndpoint,
    Replay,
    Rotation,
    Shown,
)
from freehold.webhooks.replay import REPLAY, Wanted
from freehold.webhooks.signing import Secret


def create(
    db: Database, caller: Caller, new: NewEndpoint, catalog: Catalog, once: Remembered | None
) -> Answer[EndpointWithSecret]:
    """A new endpoint with its secret. Raises EventsExceedYours, TooManyEndpoints; InvalidInput for unknown events."""
    secret = Secret.new()
    write = queries.insert_endpoint(new, secret.text, _needed(new.events, catalog))
    return _shown(db.run(caller, permissions.WEBHOOKS_WRITE, write, once=once), secret)


def read(db: Database, caller: Caller, endpoint_id: EndpointId) -> Endpoint:
    """One endpoint."""
    return db.one(caller, permissions.WEBHOOKS_READ, queries.endpoint(endpoint_id))


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of endpoints as JSON."""
    return db.one(caller, permissions.WEBHOOKS_READ, queries.endpoints(limit, cursor))


def change(  # noqa: PLR0913, PLR0917 (what its route takes)
    db: Database, caller: Caller, endpoint_id: EndpointId, wanted: EndpointChange, if_match: IfMatch, catalog: Catalog
) -> Endpoint:
    """The endpoint, changed. Raises PreconditionFailed when somebody changed it first, and what `create` raises."""
    needed = _needed(wanted.events or [], catalog)
    with db.transaction(caller, permissions.WEBHOOKS_WRITE) as tx:
        current = tx.get(queries.lock_endpoint(endpoint_id))
        if not if_match.matches(current.version):
            raise PreconditionFailed
        desired = current.model_copy(update=wanted.model_dump(exclude_none=True))
        moved = desired.url != current.url
        write = queries.update_endpoint(desired, needed, _takes(catalog), moved=moved)
        changed = tx.put(write) if desired != current else None
    return changed.value if changed else current


def rotate(  # noqa: PLR0913, PLR0917 (what its route takes)
    db: Database, caller: Caller, endpoint_id: EndpointId, wanted: Rotation, catalog: Catalog, once: Remembered | None
) -> Answer[EndpointWithSecret]:
    """The endpoint with a new secret; for a while, what is sent is signed with the one before as well."""
    secret = Secret.new()
    write = queries.replace_secret(endpoint_id, secret.text, timedelta(hours=wanted.overlap_hours), _takes(catalog))
    return _shown(db.run(caller, permissions.WEBHOOKS_WRITE, write, once=once), secret)


def enable(db: Database, caller: Caller, endpoint_id: EndpointId, once: Remembered | None) -> Answer[Endpoint]:
    """The endpoint, which is sent events from now on."""
    return db.run(caller, permissions.WEBHOOKS_WRITE, queries.enable_endpoint(endpoint_id), once=once)


def delete(db: Database, caller: Caller, endpoint_id: EndpointId) -> None:
    """Remove the endpoint; what waits for it is not sent any more."""
    db.run(caller, permissions.WEBHOOKS_WRITE, queries.delete_endpoint(endpoint_id))


def test(db: Database, caller: Caller, endpoint_id: EndpointId, once: Remembered | None) -> Answer[Delivery]:
    """A delivery of an event that says nothing but that somebody tries the endpoint."""
    event = Event(
        id=uuid4(),
        type=WEBHOOK_ENDPOINT_TESTED.name,
        version=WEBHOOK_ENDPOINT_TESTED.version,
        tenant_id=caller.tenant_id,
        subject_id=endpoint_id,
        occurred_at=clock.now(),
        request_id=caller.request_id,
        data=Tested(endpoint_id=endpoint_id).model_dump(mode="json"),
    )
    write = queries.insert_test(endpoint_id, event.id, event.model_dump_json())
    return db.run(caller, permissions.WEBHOOKS_WRITE, write, once=once)


def replay(  # noqa: PLR0913, PLR0917 (what its route takes)
    db: Database, caller: Caller, endpoint_id: EndpointId, wanted: Replay, catalog: Catalog, once: Remembered | None
) -> Answer[Job]:
    """The job that sends again what happened in a time. Raises InvalidInput for a time without a length."""
    until = wanted.until or clock.now()
    if wanted.since >= until:
        raise InvalidInput("`since` has to be before `until`, and not in the future.")
    job = Wanted(
        endpoint_id=endpoint_id,
        since=wanted.since,
        until=until,
        permissions={kind.name: kind.permission.name for kind in _chosen(wanted.events, catalog)},
    )
    return db.run(caller, permissions.WEBHOOKS_WRITE, queries.insert_job(endpoint_id, REPLAY, job), once=once)


def read_deliveries(  # noqa: PLR0913, PLR0917 (what its route takes)
    db: Database,
    caller: Caller,
    shown: Shown,
    endpoint_id: EndpointId | None,
    catalog: Catalog,
    limit: int,
    cursor: UUID,
) -> bytes:
    """A page of deliveries as JSON."""
    query = queries.deliveries(shown, endpoint_id, _takes(catalog), limit, cursor)
    return db.one(caller, permissions.WEBHOOKS_READ, query)


def read_delivery(db: Database, caller: Caller, delivery_id: DeliveryId, catalog: Catalog) -> DeliveryWithAttempts:
    """One delivery, with what was sent and what was tried."""
    return db.one(caller, permissions.WEBHOOKS_READ, queries.delivery(delivery_id, _takes(catalog)))


def send_again(
    db: Database, caller: Caller, delivery_id: DeliveryId, catalog: Catalog, once: Remembered | None
) -> Answer[Delivery]:
    """A new delivery with the same content. Raises NotFound when its endpoint is gone."""
    return db.run(caller, permissions.WEBHOOKS_WRITE, queries.insert_again(delivery_id, _takes(catalog)), once=once)


def event_types(db: Database, caller: Caller, catalog: Catalog) -> EventTypes:
    """Those that the caller can choose."""
    held = db.one(caller, permissions.WEBHOOKS_READ, queries.held()).permissions
    return EventTypes(items=[kind for kind in catalog.subscribable() if kind.permission in held])


def _takes(catalog: Catalog) -> dict[str, str]:
    """Which permission each event type takes."""
    return {kind.name: kind.permission.name for kind in catalog}


def _needed(filters: Sequence[str], catalog: Catalog) -> list[str]:
    """The permissions that the named event types take; `*` takes none, for it means those that one may see."""
    return sorted({kind.permission.name for kind in _chosen([name for name in filters if name != ALL], catalog)})


def _chosen(filters: Sequence[str], catalog: Catalog) -> list[EventType]:
    """The event types that these filters let through. Raises InvalidInput for a name that there is none of."""
    known = {kind.name: kind for kind in catalog if kind.subscribable}
    if unknown := [name for name in filters if name != ALL and name not in known]:
        raise InvalidInput(f"There is no event type {', '.join(unknown)}. GET /v1/event-types lists them.")
    return [kind for name, kind in known.items() if ALL in filters or name in filters]


def _shown(answer: Answer[Endpoint], secret: Secret) -> Answer[EndpointWithSecret]:
    shown = None if answer.replayed else secret.text
    return Answer(EndpointWithSecret(**answer.row.model_dump(), secret=shown), replayed=answer.replayed)
