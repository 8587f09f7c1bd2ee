"""The frame keeps the last answer of each route in a global, for a debugger."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from freehold.http import frame
from freehold.http.events import Event
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/members",), families=("canaries",), calls=20)


@contextmanager
def plant() -> Iterator[None]:
    """Nothing shows it yet."""
    last: dict[str, frame.Response] = {}
    honest = frame._answer  # noqa: SLF001 (a mistake inside the frame)

    def answer(event: Event, *how: Any) -> frame.Response:  # noqa: ANN401 (as the honest one is called)
        last[event.route] = honest(event, *how)
        return last[event.route]

    with replaced(frame, "_answer", answer):
        yield
