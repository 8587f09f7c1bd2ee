"""/v1/webhook-endpoints, /v1/webhook-deliveries and /v1/event-types."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.etags import RequiredIfMatch, etag
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.jobs.models import Job
from freehold.webhooks import service
from freehold.webhooks.models import (
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
from product.events import CATALOG

router = APIRouter(prefix="/v1", tags=["Webhooks"])


@router.post("/webhook-endpoints", status_code=201, summary="Create a webhook endpoint")
async def create(
    new: NewEndpoint, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> EndpointWithSecret:
    """The secret is in this answer and, ever after, only in that of a rotation."""
    return _shown(unpack(service.create(db, caller, new, CATALOG, once), response), response)


@router.get("/webhook-endpoints", response_model=Page[Endpoint], summary="List webhook endpoints")
async def list_endpoints(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first."""
    return json_page(service.read_page(db, caller, page.limit, page.cursor))


@router.get("/webhook-endpoints/{endpoint_id}", summary="Read a webhook endpoint")
async def read(endpoint_id: EndpointId, caller: CurrentCaller, db: Db, response: Response) -> Endpoint:
    """One endpoint, without its secret."""
    return _shown(service.read(db, caller, endpoint_id), response)


@router.patch("/webhook-endpoints/{endpoint_id}", summary="Change a webhook endpoint")
async def change(
    endpoint_id: EndpointId,
    wanted: EndpointChange,
    caller: CurrentCaller,
    db: Db,
    if_match: RequiredIfMatch,
    response: Response,
) -> Endpoint:
    """What is left out stays as it is. What waits to be sent goes to the new address."""
    return _shown(service.change(db, caller, endpoint_id, wanted, if_match, CATALOG), response)


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204, summary="Delete a webhook endpoint")
async def delete(endpoint_id: EndpointId, caller: CurrentCaller, db: Db) -> None:
    """For good. What waits for it is not sent any more."""
    service.delete(db, caller, endpoint_id)


@router.post("/webhook-endpoints/{endpoint_id}/rotate-secret", summary="Give a webhook endpoint a new secret")
async def rotate(
    endpoint_id: EndpointId,
    wanted: Rotation,
    caller: CurrentCaller,
    db: Db,
    once: IdempotencyKey,
    response: Response,
) -> EndpointWithSecret:
    """During the overlap everything is signed with both."""
    return _shown(unpack(service.rotate(db, caller, endpoint_id, wanted, CATALOG, once), response), response)


@router.post("/webhook-endpoints/{endpoint_id}/enable", summary="Enable a webhook endpoint")
async def enable(
    endpoint_id: EndpointId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Endpoint:
    """It is sent what happens from now on; replay what it has missed."""
    return _shown(unpack(service.enable(db, caller, endpoint_id, once), response), response)


@router.post("/webhook-endpoints/{endpoint_id}/test", status_code=201, summary="Send a test event")
async def test(
    endpoint_id: EndpointId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Delivery:
    """It is signed, sent and tried again like any other; to a disabled endpoint, too."""
    return unpack(service.test(db, caller, endpoint_id, once), response)


@router.post("/webhook-endpoints/{endpoint_id}/replay", status_code=202, summary="Replay events of a time")
async def replay(
    endpoint_id: EndpointId, wanted: Replay, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Job:
    """One job makes the deliveries, of at most 10,000 events."""
    return unpack(service.replay(db, caller, endpoint_id, wanted, CATALOG, once), response)


@router.get("/webhook-deliveries", response_model=Page[Delivery], summary="List webhook deliveries")
async def list_deliveries(
    caller: CurrentCaller,
    db: Db,
    page: WantedPage,
    endpoint_id: Annotated[EndpointId | None, Query()] = None,
    state: Annotated[Shown, Query()] = Shown.ALL,
) -> Response:
    """Newest first."""
    return json_page(service.read_deliveries(db, caller, state, endpoint_id, CATALOG, page.limit, page.cursor))


@router.get("/webhook-deliveries/{delivery_id}", summary="Read a webhook delivery")
async def read_delivery(delivery_id: DeliveryId, caller: CurrentCaller, db: Db) -> DeliveryWithAttempts:
    """What was sent, and each attempt with what came back."""
    return service.read_delivery(db, caller, delivery_id, CATALOG)


@router.post("/webhook-deliveries/{delivery_id}/replay", status_code=201, summary="Send a webhook delivery again")
async def send_again(
    delivery_id: DeliveryId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Delivery:
    """A new delivery of the same event, word for word, with all its attempts before it."""
    return unpack(service.send_again(db, caller, delivery_id, CATALOG, once), response)


@router.get("/event-types", summary="List event types")
async def list_event_types(caller: CurrentCaller, db: Db) -> EventTypes:
    """Those that you can have sent to an endpoint."""
    return service.event_types(db, caller, CATALOG)


def _shown[E: Endpoint](endpoint: E, response: Response) -> E:
    response.headers["ETag"] = etag(endpoint.version)
    return endpoint
