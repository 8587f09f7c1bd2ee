"""What operators do, and what a tenant sees of it and ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from freehold import permissions
from freehold.database import Answer, Caller, Database, OperatorCaller, Remembered, Statement
from freehold.ids import MemberId
from freehold.operators import changes, queries, visits
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
    return _visit(db, visitor, visits.show_tenant())


def act_as(db: Database, visitor: OperatorCaller, member_id: MemberId, minutes: int) -> BegunWithToken:
    """A token with which the visitor is the member for so many minutes. Raises SupportRefused, NotFound."""
    token = new_token(visitor.tenant_id, settings().key_mode)
    begun = _visit(db, visitor, visits.act_as(member_id, hash_of(token), minutes))
    return BegunWithToken(**begun.model_dump(), token=token)


def stop_acting(db: Database, visitor: OperatorCaller, visit_id: UUID) -> bool:
    """Whether somebody still acted."""
    return _visit(db, visitor, visits.end_acting(visit_id))


def grant_access(db: Database, visitor: OperatorCaller, access: Access, plan: str | None, until: datetime) -> UUID:
    """What the tenant may until then, whatever it has paid. Raises GrantUnfit."""
    return _visit(db, visitor, visits.grant_access(access, plan, until))


def end_grant(db: Database, visitor: OperatorCaller, grant_id: UUID) -> bool:
    """Whether it still held."""
    return _visit(db, visitor, visits.end_grant(grant_id))


def show_decisions(db: Database, visitor: OperatorCaller, member_id: MemberId | None) -> dict[str, Any]:
    """All that decides for the tenant, as that member has it. Raises NotFound where it has no such member."""
    return _visit(db, visitor, changes.show_decisions(member_id))


def target_flag(  # noqa: PLR0913 (by name)
    db: Database,
    visitor: OperatorCaller,
    *,
    flag: str,
    member_id: MemberId | None,
    variant: str,
    until: datetime | None,
) -> UUID:
    """Shown from the next request on. Raises UnknownFlag, NoSuchVariant, FlagArchived, NotFound, UntilOver."""
    return _visit(db, visitor, changes.target_flag(flag, member_id, variant, until))


def end_target(db: Database, visitor: OperatorCaller, flag: str, member_id: MemberId | None) -> bool:
    """Whether it was shown something by name."""
    return _visit(db, visitor, changes.end_target(flag, member_id))


def override_plan(  # noqa: PLR0913 (by name)
    db: Database,
    visitor: OperatorCaller,
    *,
    plan: str | None,
    features: Sequence[str],
    limits: Mapping[str, int | None],
    rates: Mapping[str, Sequence[int] | None],
    until: datetime | None,
) -> UUID:
    """What holds for this tenant from the next request on. Raises OverrideUnfit, UntilOver."""
    return _visit(
        db,
        visitor,
        changes.override_plan(plan=plan, features=features, limits=limits, rates=rates, until=until),
    )


def end_override(db: Database, visitor: OperatorCaller, override_id: UUID) -> bool:
    """Whether it still held, and was an operator's to end."""
    return _visit(db, visitor, changes.end_override(override_id))


def _visit[R](db: Database, visitor: OperatorCaller, statement: Statement[R]) -> R:
    """Never read-only, for each visit leaves its line."""
    with db.working(visitor).transaction() as tx:
        answer = tx.put(statement)
    return answer.value
