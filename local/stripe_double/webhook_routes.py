"""The paths of webhook endpoints in Stripe's API: they belong to the delivery, and the engine does not know them."""

from collections.abc import Mapping
from typing import Any

from local.stripe_double.api import Asked
from local.stripe_double.endpoints import Endpoints


def answered(endpoints: Endpoints, asked: Asked, *, now: int) -> Mapping[str, Any] | None:
    """What the API shows; None for a path of others. Raises Refused."""
    match asked.method, asked.path.strip("/").split("/"):
        case "POST", ["v1", "webhook_endpoints"]:
            return endpoints.create(asked.params, created=now)
        case "GET", ["v1", "webhook_endpoints"]:
            return endpoints.page()
        case "GET", ["v1", "webhook_endpoints", id_]:
            return endpoints.find(id_).shown()
        case "POST", ["v1", "webhook_endpoints", id_]:
            return endpoints.update(id_, asked.params)
        case "DELETE", ["v1", "webhook_endpoints", id_]:
            return endpoints.delete(id_)
        case _:
            return None
