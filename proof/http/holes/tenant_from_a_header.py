"""Support staff may name the tenant in a header of their own, and everybody may send it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from freehold.http import frame
from freehold.http.events import Event
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenant", "DELETE /v1/projects/{project_id}"), families=("references",))


@contextmanager
def plant() -> Iterator[None]:
    """A middleware puts it in the place of the one that counts."""
    honest = frame._answer  # noqa: SLF001 (a mistake inside the frame)

    def answer(event: Event, *how: Any) -> frame.Response:  # noqa: ANN401 (as the honest one is called)
        named = event.headers.get("x-tenant-id")
        headers = {**event.headers, "freehold-tenant": named} if named else event.headers
        return honest(Event({**event.raw, "headers": headers}), *how)

    with replaced(frame, "_answer", answer):
        yield
