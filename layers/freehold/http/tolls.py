"""What each request counts as, and what its answer says of what is left: from the frame to the door and back."""

from contextvars import ContextVar

from freehold.http.events import Event
from freehold.rates.leases import Leases
from freehold.rates.toll import Toll

READING = ("GET", "HEAD")
INGEST = "POST /v1/usage/events"
DIRECTORY, DECISIONS = "/scim/", "/ofrep/"

leases = Leases()
_current: ContextVar[Toll | None] = ContextVar("toll", default=None)


def opened(event: Event) -> Toll:
    """The toll of the request that begins here; whoever calls in it carries it to the database."""
    toll = Toll(leases, class_of(event))
    _current.set(toll)
    return toll


def current() -> Toll | None:
    """That of the request that is being answered; None outside of one."""
    return _current.get()


def class_of(event: Event) -> str:
    """By what it does: a directory's requests and usage come in other numbers than people's, reads than writes."""
    if event.path.startswith(DIRECTORY):
        return "directory"
    if f"{event.method} {event.path}" == INGEST:
        return "ingest"
    return "read" if event.method in READING or event.path.startswith(DECISIONS) else "write"
