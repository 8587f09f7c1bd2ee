"""GET /health: whether a request would reach the database."""

from typing import Any

from freehold.database import database
from freehold.http.events import Event
from freehold.http.frame import framed
from freehold.http.lean import json_response
from freehold.http.warm import open_connection
from functions.health.operations import Health


def respond(_event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """Ask the database for nothing. Raises Unavailable."""
    database().ping()
    return json_response(Health().model_dump_json())


open_connection()
handler = framed(respond)
