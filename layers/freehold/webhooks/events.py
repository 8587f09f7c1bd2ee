"""What happens to webhook endpoints."""

from pydantic import BaseModel

from freehold.messaging.events import EventType
from freehold.permissions import WEBHOOKS_READ
from freehold.webhooks.models import Endpoint, EndpointId


class Tested(BaseModel):
    """Which endpoint is tried."""

    endpoint_id: EndpointId


WEBHOOK_ENDPOINT_CREATED = EventType(
    name="webhook_endpoint.created",
    description="A webhook endpoint was made",
    data=Endpoint,
    permission=WEBHOOKS_READ,
)
WEBHOOK_ENDPOINT_CHANGED = EventType(
    name="webhook_endpoint.changed",
    description="A webhook endpoint got another address, description or choice of events",
    data=Endpoint,
    permission=WEBHOOKS_READ,
)
WEBHOOK_ENDPOINT_ROTATED = EventType(
    name="webhook_endpoint.rotated",
    description="A webhook endpoint got a new secret",
    data=Endpoint,
    permission=WEBHOOKS_READ,
)
WEBHOOK_ENDPOINT_DISABLED = EventType(
    name="webhook_endpoint.disabled",
    description="Nothing more is sent to a webhook endpoint, because it failed for too long or is gone",
    data=Endpoint,
    permission=WEBHOOKS_READ,
)
WEBHOOK_ENDPOINT_ENABLED = EventType(
    name="webhook_endpoint.enabled",
    description="A webhook endpoint that was disabled or paused is sent events again",
    data=Endpoint,
    permission=WEBHOOKS_READ,
)
WEBHOOK_ENDPOINT_DELETED = EventType(
    name="webhook_endpoint.deleted",
    description="A webhook endpoint was deleted, as it was at last",
    data=Endpoint,
    permission=WEBHOOKS_READ,
)
WEBHOOK_ENDPOINT_TESTED = EventType(
    name="webhook_endpoint.tested",
    description="Somebody tries an endpoint: only that one is sent it",
    data=Tested,
    permission=WEBHOOKS_READ,
    subscribable=False,
)
