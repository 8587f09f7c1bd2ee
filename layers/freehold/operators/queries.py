"""The statements with which a tenant looks at its operators' visits."""

from typing import LiteralString
from uuid import UUID

from freehold.database import Query, Write, page, write
from freehold.operators import events
from freehold.operators.models import Acting

COLUMNS: LiteralString = "id, operator, member_id, reason, created_at, expires_at, ended_at"


def operator_visits(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of visits, newest first."""
    return page(
        """
        select v.id, v.operator, v.reason, v.permission, v.at, v.request_id, i.member_id, i.expires_at, i.ended_at
          from app.operator_visits v
          left join app.impersonations i on i.tenant_id = v.tenant_id and i.id = v.id
         where v.tenant_id = %(tenant_id)s and v.id < %(cursor)s order by v.id desc
        """,
        limit=limit,
        cursor=cursor,
    )


def end_acting(visit_id: UUID) -> Write[Acting]:
    """An operator who acts no longer; ending it again changes nothing."""
    return write(
        Acting,
        """
        update app.impersonations set ended_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and ended_at is null
        """,
        unchanged=f"select {COLUMNS} from app.impersonations where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=COLUMNS,
        event=events.OPERATOR_ACTING_ENDED,
        id=visit_id,
    )
