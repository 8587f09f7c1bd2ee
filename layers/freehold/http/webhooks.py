"""How the OpenAPI document tells of an event: the request that a subscriber's endpoint receives.

Its headers are those of Standard Webhooks: https://www.standardwebhooks.com
"""

from typing import Any

from freehold.messaging.catalog import example
from freehold.messaging.events import Event, EventType

REF = "#/components/schemas/{model}"
HEADERS = {
    "webhook-id": "The event's id, the same each time that it is sent",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970",
    "webhook-signature": "`v1,` and the signature; two of them while a secret is being replaced",
}


def webhook(kind: EventType) -> dict[str, Any]:
    """The operation, from the endpoint's side."""
    return {
        "summary": kind.description,
        "operationId": kind.name.replace(".", "_"),
        "tags": ["Events"],
        "description": f"Whoever makes the endpoint needs the permission `{kind.permission.name}`."
        " It comes at least once, and in any order.",
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": says, "schema": {"type": "string"}}
            for name, says in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _schema(kind), "example": example(kind)}},
        },
        "responses": {"2XX": {"description": "Received; every other answer has it sent again."}},
    }


def _schema(kind: EventType) -> dict[str, Any]:
    fields = Event.model_json_schema(mode="serialization", ref_template=REF)
    exactly = {
        "type": {"const": kind.name},
        "version": {"const": kind.version},
        "data": {"$ref": REF.format(model=kind.data.__name__)},
    }
    return {"type": "object", "properties": fields["properties"] | exactly, "required": fields["required"]}
