"""The Idempotency-Key of a request: the same key and request get the same answer, and the effect happens once."""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Header, Response

from freehold.database import Answer, Remembered
from freehold.errors import BadRequest
from freehold.http.dependencies import CurrentEvent

KEY = re.compile(r"[!-~]{1,255}")
DESCRIPTION = "Any text of your own, 1 to 255 visible ASCII characters; kept for 24 hours"


async def _remembered(
    event: CurrentEvent, idempotency_key: Annotated[str | None, Header(description=DESCRIPTION)] = None
) -> Remembered | None:
    if idempotency_key is None:
        return None
    if not KEY.fullmatch(idempotency_key):
        raise BadRequest("The Idempotency-Key must be 1 to 255 visible ASCII characters.")
    asked = "\0".join((event.method, event.path, str(event.raw.get("rawQueryString", "")))).encode()
    request_hash = hashlib.sha256(asked + b"\0" + event.body).digest()
    return Remembered(route=event.route, key=idempotency_key, request_hash=request_hash)


IdempotencyKey = Annotated[Remembered | None, Depends(_remembered)]


def unpack[M](answer: Answer[M], response: Response) -> M:
    """The answer's row; a repetition says in a header that it is one."""
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return answer.row
