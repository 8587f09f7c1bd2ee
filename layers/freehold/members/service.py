"""Reading who belongs to a tenant."""

from uuid import UUID

from freehold import permissions
from freehold.database import Caller, Database
from freehold.ids import MemberId
from freehold.members import queries
from freehold.members.models import Member


def read(db: Database, caller: Caller, member_id: MemberId) -> Member:
    """One member."""
    return db.one(caller, permissions.MEMBERS_READ, queries.member(member_id))


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of members as JSON."""
    return db.one(caller, permissions.MEMBERS_READ, queries.members(limit, cursor))
