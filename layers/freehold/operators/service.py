"""What operators do, and what a tenant sees of it and ends."""

from datetime import datetime
from typing import Any
from uuid import UUID

from freehold import permissions
from freehold.database import Answer, Caller, Database, OperatorCaller, Remembered
from freehold.ids import MemberId
from freehold.operators import queries, visits
from freehold.operators.models import Acting, BegunWithToken
from freehold.operators.tokens import hash_of, new_token
from freehold.permissions import Access
from freehold.settings import settings


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of visits as JSON."""
    return db.one(caller, permissions.OPERATORS_READ, queries.operator_visits(limit, cursor))


def end(db: Database, caller: Caller, visit_id: UUID, once: Remembered | None) -> Answer[Acting]:
    """The operator is refused from the next request on. Raises NotFound for a visit in which nobody acted."""
    return db.run(caller, permissions.OPERATORS_WRITE, queries.end_acting(visit_id), once=once)


def show(db: Database, visitor: OperatorCaller) -> list[dict[str, Any]]:
    """What the visitor came for."""
    with db.working(visitor).transaction() as tx:
        shown = tx.put(visits.show_tenant())
    return shown.value


def act_as(db: Database, visitor: OperatorCaller, member_id: MemberId, minutes: int) -> BegunWithToken:
    """A token with which the visitor is the member for so many minutes. Raises SupportRefused, NotFound."""
    token = new_token(visitor.tenant_id, settings().key_mode)
    with db.working(visitor).transaction() as tx:
        begun = tx.put(visits.act_as(member_id, hash_of(token), minutes))
    return BegunWithToken(**begun.value.model_dump(), token=token)


def stop_acting(db: Database, visitor: OperatorCaller, visit_id: UUID) -> bool:
    """Whether somebody still acted."""
    with db.working(visitor).transaction() as tx:
        ended = tx.put(visits.end_acting(visit_id))
    return ended.value


def grant_access(db: Database, visitor: OperatorCaller, access: Access, plan: str | None, until: datetime) -> UUID:
    """What the tenant may until then, whatever it has paid. Raises GrantUnfit."""
    with db.working(visitor).transaction() as tx:
        granted = tx.put(visits.grant_access(access, plan, until))
    return granted.value


def end_grant(db: Database, visitor: OperatorCaller, grant_id: UUID) -> bool:
    """Whether it still held."""
    with db.working(visitor).transaction() as tx:
        ended = tx.put(visits.end_grant(grant_id))
    return ended.value
