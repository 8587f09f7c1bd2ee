"""A list forgets the tenant, on a connection that is exempt from row-level security."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from freehold import permissions
from freehold.database import Caller, Database
from freehold.members import queries, service
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/members",), families=("routes",), principals=("owner of B", "viewer of B"))


@contextmanager
def plant() -> Iterator[None]:
    """The door was asked, and the list was fetched past it."""

    def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
        db.one(caller, permissions.MEMBERS_READ, queries.members(limit, cursor))
        newest = "select * from app.members where id < %s order by id desc limit %s"
        found = exempt(f"select coalesce(json_agg(m), '[]') from ({newest}) m", cursor, limit)
        return json.dumps({"items": found[0] if found else [], "next_cursor": None}).encode()

    with replaced(service, "read_page", read_page):
        yield
