"""What an operator asks, and how it is answered.

{"ask": "find", "words": "acme", "reason": "…"}                        {"tenants": [{"id": "…", "name": "Acme", …}]}
{"ask": "show", "tenant": "…", "errand": "jobs:read", "reason": "…"}   {"shown": [{…}]}
{"ask": "act_as", "tenant": "…", "member": "…", "minutes": 15, …}      {"id": "…", "expires_at": "…", "token": "…"}
{"ask": "end", "tenant": "…", "visit": "…", "reason": "…"}             {"ended": true}
{"ask": "grant_access", "tenant": "…", "access": "full", "plan": "pro", "until": "…", …}    {"grant": "…"}
{"ask": "end_grant", "tenant": "…", "grant": "…", "reason": "…"}       {"ended": true}
what cannot be done                                                    {"error": "a sentence", "code": "…"}
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from freehold import wording
from freehold.database import Database, OperatorCaller, TenantGone
from freehold.errors import ApiError, InvalidInput, NotFound
from freehold.fields import Input, Moment
from freehold.ids import MemberId, TenantId
from freehold.operators import service, visits
from freehold.operators.models import Errand
from freehold.permissions import Access
from product.plans import PLANS

LONGEST_REASON = 500

type Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REASON)]


class Find(Input):
    """Which tenants there are."""

    ask: Literal["find"]
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
    reason: Reason


class Show(Input):
    """What one tenant looks like; acting is no look."""

    ask: Literal["show"]
    tenant: TenantId
    errand: Literal[Errand.TENANT, Errand.MEMBERS, Errand.JOBS, Errand.WEBHOOKS, Errand.AUDIT]
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


type Question = Find | Show | ActAs | End | GrantAccess | EndGrant

QUESTION: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="ask")])


def answered(db: Database, event: dict[str, Any], *, operator: str, request_id: str) -> dict[str, Any]:
    """Always an answer, as JSON: Lambda's own for an exception would hide the sentence in a traceback."""
    try:
        return _answer(db, QUESTION.validate_python(event), operator, request_id)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return _refused(InvalidInput(f"{where or 'the question'} cannot be accepted: {wording.worded(first)}."))
    except TenantGone:
        return _refused(NotFound("There is no such tenant."))
    except ApiError as error:
        return _refused(error)


def _answer(db: Database, question: Question, operator: str, request_id: str) -> dict[str, Any]:
    if isinstance(question, Find):
        found = db.outside(
            visits.find_tenants(operator=operator, reason=question.reason, words=question.words, request_id=request_id)
        )
        return {"tenants": [tenant.model_dump(mode="json") for tenant in found]}
    visitor = OperatorCaller(
        tenant_id=question.tenant,
        operator=operator,
        reason=question.reason,
        permission=_errand(question),
        request_id=request_id,
    )
    match question:
        case Show():
            return {"shown": service.show(db, visitor)}
        case ActAs():
            return service.act_as(db, visitor, question.member, question.minutes).model_dump(mode="json")
        case End():
            return {"ended": service.stop_acting(db, visitor, question.visit)}
        case GrantAccess():
            _check(question.plan)
            granted = service.grant_access(db, visitor, question.access, question.plan, question.until)
            return {"grant": str(granted)}
        case EndGrant():
            return {"ended": service.end_grant(db, visitor, question.grant)}


def _check(plan: str | None) -> None:
    """Raises InvalidInput for a plan that there is not."""
    if plan is not None and plan not in PLANS.plans:
        raise InvalidInput(f"There is no plan {plan}: choose of {', '.join(PLANS.plans)}.")


def _errand(question: Show | ActAs | End | GrantAccess | EndGrant) -> Errand:
    match question:
        case Show():
            return question.errand
        case GrantAccess() | EndGrant():
            return Errand.GRANT
        case _:
            return Errand.ACT


def _refused(error: ApiError) -> dict[str, Any]:
    return {"error": error.detail, "code": error.code}
