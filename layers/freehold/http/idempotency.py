"""The Idempotency-Key of a request: the same key and request get the same answer, and the effect happens once."""

from typing import Annotated

from fastapi import Depends, Header, Response

from freehold.database import Answer, Remembered
from freehold.http.dependencies import CurrentEvent
from freehold.http.repeated import DESCRIPTION, REPLAYED, remembered


async def _remembered(
    event: CurrentEvent, idempotency_key: Annotated[str | None, Header(description=DESCRIPTION)] = None
) -> Remembered | None:
    return remembered(event, idempotency_key)


IdempotencyKey = Annotated[Remembered | None, Depends(_remembered)]


def unpack[M](answer: Answer[M], response: Response) -> M:
    """The answer's row; a repetition says in a header that it is one."""
    if answer.replayed:
        response.headers[REPLAYED] = "true"
    return answer.row
