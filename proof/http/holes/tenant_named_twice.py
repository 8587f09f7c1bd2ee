"""Of a header that was sent twice the last one counts, and the first one was checked."""

from collections.abc import Iterator
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

    def answer(event: Event, *how: Any) -> frame.Response:  # noqa: ANN401 (as the honest one is called)
        named = event.headers.get("freehold-tenant", "").split(",")[-1]
        headers = {**event.headers, "freehold-tenant": named} if named else event.headers
        return honest(Event({**event.raw, "headers": headers}), *how)

    with replaced(frame, "_answer", answer):
        yield
