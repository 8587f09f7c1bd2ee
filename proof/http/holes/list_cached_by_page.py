"""A list is kept in the process by its page, and the same page is everybody's."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from freehold.database import Caller, Database
from freehold.members import service
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/members",), families=("routes",), principals=("owner of B",))


@contextmanager
def plant() -> Iterator[None]:
    """The key of the cache lacks the tenant."""
    kept: dict[tuple[int, UUID], bytes] = {}
    honest = service.read_page

    def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
        if (limit, cursor) not in kept:
            kept[limit, cursor] = honest(db, caller, limit, cursor)
        return kept[limit, cursor]

    with replaced(service, "read_page", read_page):
        yield
