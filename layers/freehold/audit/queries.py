"""The statements of requests about the audit trail; those of whoever seals it are in sealing.py."""

from typing import LiteralString
from uuid import UUID

from freehold.audit.models import Entry, EntryId, Filter
from freehold.database import Query, one, page
from freehold.ids import first_id

ENTRY: LiteralString = "id, occurred_at, principal, action, row_id, change, request_id, address"
ONLY: dict[str, LiteralString] = {
    "principal": " and principal = %(principal)s",
    "action": " and action = %(action)s",
    "row_id": " and row_id = %(row_id)s",
    "request_id": " and request_id = %(request_id)s",
}
"""Each goes by an index of its own."""
FIRST_OF_ALL = UUID(int=0)


def entries(wanted: Filter, limit: int, cursor: UUID) -> Query[bytes]:
    """A page of entries, newest first. Ids tell the time, and so go by the same index."""
    given = {name: value for name in ONLY if (value := getattr(wanted, name)) is not None}
    conditions: LiteralString = "".join(sql for name, sql in ONLY.items() if name in given)
    return page(
        f"select {ENTRY} from app.audit"
        f" where tenant_id = %(tenant_id)s and id < %(before)s and id >= %(first)s{conditions} order by id desc",
        limit=limit,
        before=min(cursor, first_id(wanted.until)) if wanted.until else cursor,
        first=first_id(wanted.since) if wanted.since else FIRST_OF_ALL,
        **given,
    )


def entry(entry_id: EntryId) -> Query[Entry]:
    """One entry."""
    return one(Entry, f"select {ENTRY} from app.audit where tenant_id = %(tenant_id)s and id = %(id)s", id=entry_id)
