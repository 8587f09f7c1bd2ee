"""Functions that skip FastAPI because their cold start matters: pydantic on the raw event, in the same frame.

They declare their operation as a value, so that the OpenAPI document knows them like every other route.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter


@dataclass(frozen=True, slots=True)
class Also:
    """A further answer of a route, and what it holds."""

    status: int
    description: str
    model: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One lean route: `model` is what it answers; None where that is a document of its own kind."""

    method: str
    path: str
    summary: str
    model: type[BaseModel] | None = None
    body: TypeAdapter[Any] | None = None
    """What it takes; it then acts in a tenant."""
    changes: bool = True
    """Whether that changes something, so that it takes an Idempotency-Key, which makes it safe to repeat."""
    parameters: tuple[dict[str, Any], ...] = ()
    """What else it takes, in the words of OpenAPI."""
    also: tuple[Also, ...] = ()
    media_types: tuple[str, ...] = ("application/json",)
    """In which a body may come."""
    tag: str = "Service"
    description: str = ""


def json_response(body: str) -> dict[str, Any]:
    """A good answer in the form that API Gateway takes."""
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body, "isBase64Encoded": False}
