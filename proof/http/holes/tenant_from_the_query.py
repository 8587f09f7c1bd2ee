"""A link in an e-mail names the tenant in its query, and every route believes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from freehold.http import frame
from freehold.http.events import Event
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("DELETE /v1/projects/{project_id}",), families=("references",))


@contextmanager
def plant() -> Iterator[None]:
    """It was meant for one page."""
    honest = frame._answer  # noqa: SLF001 (a mistake inside the frame)

    def answer(event: Event, *how: Any) -> frame.Response:  # noqa: ANN401 (as the honest one is called)
        named = event.raw.get("queryStringParameters", {}).get("tenant_id")
        headers = {**event.headers, "freehold-tenant": named} if named else event.headers
        return honest(Event({**event.raw, "headers": headers}), *how)

    with replaced(frame, "_answer", answer):
        yield
