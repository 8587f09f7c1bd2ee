"""The statements of members."""

from typing import LiteralString
from uuid import UUID

from freehold.database import Query, one, page
from freehold.ids import MemberId
from freehold.members.models import Member

COLUMNS: LiteralString = "id, email, name, role, status, created_at, updated_at"


def members(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of members, newest first."""
    return page(
        f"select {COLUMNS} from app.members where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def member(member_id: MemberId) -> Query[Member]:
    """One member."""
    return one(
        Member, f"select {COLUMNS} from app.members where tenant_id = %(tenant_id)s and id = %(id)s", id=member_id
    )
