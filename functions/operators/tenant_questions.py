"""What operators ask of tenants: which there are, how they look, to act as a member, to give access.

{"ask": "find", "words": "acme", "reason": "…"}                        {"tenants": [{"id": "…", "name": "Acme", …}]}
{"ask": "show", "tenant": "…", "errand": "jobs:read", "reason": "…"}   {"shown": [{…}]}
{"ask": "act_as", "tenant": "…", "member": "…", "minutes": 15, …}      {"id": "…", "expires_at": "…", "token": "…"}
{"ask": "end", "tenant": "…", "visit": "…", "reason": "…"}             {"ended": true}
{"ask": "grant_access", "tenant": "…", "access": "full", "plan": "pro", "until": "…", …}    {"grant": "…"}
{"ask": "end_grant", "tenant": "…", "grant": "…", "reason": "…"}       {"ended": true}
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from freehold.errors import InvalidInput
from freehold.fields import Input, Moment
from freehold.ids import MemberId, TenantId
from freehold.operators import service, visits
from freehold.operators.models import Errand
from freehold.permissions import Access
from functions.operators.asking import Asking, Reason
from product.plans import PLANS


class Find(Input):
    """Which tenants there are."""

    ask: Literal["find"]
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
    reason: Reason


class Show(Input):
    """What one tenant looks like; acting is no look."""

    ask: Literal["show"]
    tenant: TenantId
    errand: Literal[Errand.TENANT, Errand.MEMBERS, Errand.JOBS, Errand.WEBHOOKS, Errand.AUDIT, Errand.READ_DECISIONS]
    reason: Reason


class ActAs(Input):
    """To be a member for a while."""

    ask: Literal["act_as"]
    tenant: TenantId
    member: MemberId
    minutes: Annotated[int, Field(ge=1, le=60)]
    reason: Reason


class End(Input):
    """To be one no longer."""

    ask: Literal["end"]
    tenant: TenantId
    visit: UUID
    reason: Reason


class GrantAccess(Input):
    """To let a tenant in, or keep it out, whatever it has paid."""

    ask: Literal["grant_access"]
    tenant: TenantId
    access: Access
    plan: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None
    until: Moment
    reason: Reason


class EndGrant(Input):
    """To do so no longer."""

    ask: Literal["end_grant"]
    tenant: TenantId
    grant: UUID
    reason: Reason


type TenantQuestion = Find | Show | ActAs | End | GrantAccess | EndGrant


def answer(asking: Asking, question: TenantQuestion) -> dict[str, Any]:
    """As JSON. Raises ApiError."""
    match question:
        case Find():
            return _found(asking, question)
        case Show():
            return {"shown": _shown(asking, question)}
        case ActAs():
            visitor = asking.visitor(question.tenant, Errand.ACT, question.reason)
            begun = service.act_as(asking.db, visitor, question.member, question.minutes)
            return begun.model_dump(mode="json")
        case End():
            visitor = asking.visitor(question.tenant, Errand.ACT, question.reason)
            return {"ended": service.stop_acting(asking.db, visitor, question.visit)}
        case GrantAccess():
            _check(question.plan)
            visitor = asking.visitor(question.tenant, Errand.GRANT, question.reason)
            granted = service.grant_access(asking.db, visitor, question.access, question.plan, question.until)
            return {"grant": str(granted)}
        case EndGrant():
            visitor = asking.visitor(question.tenant, Errand.GRANT, question.reason)
            return {"ended": service.end_grant(asking.db, visitor, question.grant)}


def _found(asking: Asking, question: Find) -> dict[str, Any]:
    found = asking.db.outside(
        visits.find_tenants(
            operator=asking.operator, reason=question.reason, words=question.words, request_id=asking.request_id
        )
    )
    return {"tenants": [tenant.model_dump(mode="json") for tenant in found]}


def _shown(asking: Asking, question: Show) -> list[dict[str, Any]]:
    visitor = asking.visitor(question.tenant, question.errand, question.reason)
    if question.errand == Errand.READ_DECISIONS:
        return [service.show_decisions(asking.db, visitor, None)]
    return service.show(asking.db, visitor)


def _check(plan: str | None) -> None:
    """Raises InvalidInput for a plan that there is not."""
    if plan is not None and plan not in PLANS.plans:
        raise InvalidInput(f"There is no plan {plan}: choose of {', '.join(PLANS.plans)}.")
