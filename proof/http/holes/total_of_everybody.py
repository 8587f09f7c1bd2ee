"""A list tells how many there are, and counts those of all tenants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from freehold.database import Caller, Database
from freehold.members import service
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/members",), families=("references",))


@contextmanager
def plant() -> Iterator[None]:
    """The statistics of the table are so much faster than counting."""
    honest = service.read_page

    def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
        page = json.loads(honest(db, caller, limit, cursor))
        found = exempt("select count(*) from app.members")
        return json.dumps({**page, "total": found[0] if found else 0}).encode()

    with replaced(service, "read_page", read_page):
        yield
