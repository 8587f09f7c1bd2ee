"""Which requests are the same one again: what an Idempotency-Key stands for, for FastAPI and lean functions alike."""

import hashlib
import re

from freehold.database import Remembered
from freehold.errors import BadRequest
from freehold.http.events import Event

HEADER, REPLAYED = "idempotency-key", "Idempotency-Replayed"
KEY = re.compile(r"[!-~]{1,255}")
DESCRIPTION = "Any text of your own, 1 to 255 visible ASCII characters; kept for 24 hours"


def remembered(event: Event, key: str | None) -> Remembered | None:
    """The key with what it stands for; None without one. Raises BadRequest."""
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise BadRequest("The Idempotency-Key must be 1 to 255 visible ASCII characters.")
    asked = "\0".join((event.method, event.path, str(event.raw.get("rawQueryString", "")))).encode()
    request_hash = hashlib.sha256(asked + b"\0" + event.body).digest()
    return Remembered(route=event.route, key=key, request_hash=request_hash)
