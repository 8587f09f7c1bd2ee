"""A log line holds the body of the request, so that one can see what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.http.events import Event
from freehold.observability import logger
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("PATCH /v1/tenant",), families=("routes",), principals=("owner of B",))


@contextmanager
def plant() -> Iterator[None]:
    """Somebody forgot to take it out again."""
    honest = Event.check

    def check(self: Event, reads: tuple[str, ...], *, unread: bool = False) -> None:
        honest(self, reads, unread=unread)
        logger.info("body", body=self.body.decode(errors="replace"))

    with replaced(Event, "check", check):
        yield
