"""Of a header that was sent twice the last one counts, and the first one was checked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from freehold.http import frame
from freehold.http.events import Event
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenant",), families=("references",))


@contextmanager
def plant() -> Iterator[None]:
    """Two pieces of software read the same request."""
    honest = frame._answer  # noqa: SLF001 (a mistake inside the frame)

    def answer(event: Event, context: Any, respond: Callable[[Event, Any], frame.Response]) -> frame.Response:  # noqa: ANN401 (Lambda's)
        named = event.headers.get("freehold-tenant", "").split(",")[-1]
        headers = {**event.headers, "freehold-tenant": named} if named else event.headers
        return honest(Event({**event.raw, "headers": headers}), context, respond)

    with replaced(frame, "_answer", answer):
        yield
