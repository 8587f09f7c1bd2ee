"""GET /openapi.json: the document that `make docs` merges over all functions."""

from pathlib import Path
from typing import Any

from freehold.http.events import Event
from freehold.http.frame import framed
from freehold.http.lean import json_response

DOCUMENT = Path(__file__).with_name("openapi.json").read_text()


def respond(_event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """The document as it stands beside this file."""
    return json_response(DOCUMENT)


handler = framed(respond)
