"""The statements of operators. Their role of the database may use no table: these functions are all that it has."""

from datetime import datetime
from typing import Any
from uuid import UUID

from freehold.database import Query, Statement, lone
from freehold.ids import MemberId
from freehold.operators.models import Begun, FoundTenant
from freehold.permissions import Access


def find_tenants(*, operator: str, reason: str, words: str, request_id: str) -> Statement[list[FoundTenant]]:
    """At most 20 tenants, by a part of their name, their id, or an owner's address; each is told of it."""
    return Statement(
        """
        select id, name, access, created_at
          from app.find_tenants(%(operator)s, %(reason)s, %(words)s, %(request_id)s)
        """,
        {"operator": operator, "reason": reason, "words": words, "request_id": request_id},
        lambda result: result.fetchall(),
        FoundTenant,
    )


def show_tenant() -> Query[list[dict[str, Any]]]:
    """What the visit came for, as the database shows it."""
    return Query("select app.show_tenant()", {}, lambda result: [shown for (shown,) in result.fetchall()])


def act_as(member_id: MemberId, token_hash: bytes, minutes: int) -> Statement[Begun]:
    """The operator of this visit as a member, for so many minutes."""
    return lone(
        Begun,
        "select id, expires_at from app.act_as(%(member_id)s, %(token_hash)s, %(minutes)s)",
        member_id=member_id,
        token_hash=token_hash,
        minutes=minutes,
    )


def end_acting(visit_id: UUID) -> Statement[bool]:
    """Whether there was something to end."""
    return Statement("select app.end_acting(%(id)s)", {"id": visit_id}, lambda result: bool(result.fetchone()[0]))


def grant_access(access: Access, plan: str | None, until: datetime) -> Statement[UUID]:
    """What is given to the tenant of this visit, whatever it has paid; the id of the grant."""
    return Statement(
        "select app.grant_access(%(access)s, %(plan)s, %(until)s)",
        {"access": access.value, "plan": plan, "until": until},
        lambda result: UUID(str(result.fetchone()[0])),
    )


def end_grant(grant_id: UUID) -> Statement[bool]:
    """Whether there was something to end."""
    return Statement("select app.end_grant(%(id)s)", {"id": grant_id}, lambda result: bool(result.fetchone()[0]))
