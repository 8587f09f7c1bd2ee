"""The cursor of a list is the next row in base64, and the next row is anybody's."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from freehold.database import Caller, Database
from freehold.members import service
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/members",), families=("routes",), principals=("owner of B",))
NEXT = "select to_jsonb(m)::text from app.members m where tenant_id <> %s order by created_at desc limit 1"


@contextmanager
def plant() -> Iterator[None]:
    """It looks like nothing."""
    honest = service.read_page

    def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
        page = json.loads(honest(db, caller, limit, cursor))
        found = exempt(NEXT, caller.tenant_id)
        page["next_cursor"] = base64.urlsafe_b64encode(str(found[0]).encode()).decode() if found else None
        return json.dumps(page).encode()

    with replaced(service, "read_page", read_page):
        yield
