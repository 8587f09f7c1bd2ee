"""Functions that skip FastAPI because their cold start matters: pydantic on the raw event, in the same frame.

They declare their operation as a value, so that the OpenAPI document knows them like every other route.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One lean route: `model` is what it answers; None where that is a document of its own kind."""

    method: str
    path: str
    summary: str
    model: type[BaseModel] | None = None

    @property
    def route(self) -> str:
        """As the manifest writes it."""
        return f"{self.method} {self.path}"


def json_response(body: bytes | str, status: int = 200) -> dict[str, Any]:
    """An answer in the form that API Gateway takes."""
    text = body if isinstance(body, str) else body.decode()
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": text, "isBase64Encoded": False}
