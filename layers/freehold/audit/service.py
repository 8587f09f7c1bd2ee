"""What can be done with the audit trail by a request: it is read, and by nobody written."""

from uuid import UUID

from freehold.audit import queries
from freehold.audit.models import Entry, EntryId, Filter
from freehold.database import Caller, Database
from freehold.permissions import AUDIT_READ


def read(db: Database, caller: Caller, entry_id: EntryId) -> Entry:
    """One entry."""
    return db.one(caller, AUDIT_READ, queries.entry(entry_id))


def read_page(db: Database, caller: Caller, wanted: Filter, limit: int, cursor: UUID) -> bytes:
    """A page of entries as JSON."""
    return db.one(caller, AUDIT_READ, queries.entries(wanted, limit, cursor))
