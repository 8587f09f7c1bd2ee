"""The correlation id is worked out once in a process, and every later request gets the first one's."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.http.events import Event
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenant",), families=("canaries",), calls=20)


@contextmanager
def plant() -> Iterator[None]:
    """A cached property, on the class instead of the event."""
    kept: list[str] = []
    honest = vars(Event)["correlation_id"].fget

    def correlation_id(self: Event) -> str:
        if not kept and "x-correlation-id" in self.headers:
            kept.append(honest(self))
        return kept[0] if kept else honest(self)

    with replaced(Event, "correlation_id", property(correlation_id)):
        yield
