"""What an operator asks, and how it is answered: of tenants, of flags, and of what is decided for one tenant.

What cannot be done is answered with {"error": "a sentence", "code": "…"}.
"""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from freehold import wording
from freehold.database import Database, TenantGone
from freehold.errors import ApiError, InvalidInput, NotFound
from functions.operators import decision_questions, flag_questions, tenant_questions
from functions.operators.asking import Asking
from functions.operators.decision_questions import EndOverride, Explain, Override
from functions.operators.flag_questions import ChangeFlag, EndTarget, Exposures, Flags, OneFlag, TargetFlag
from functions.operators.tenant_questions import ActAs, End, EndGrant, Find, GrantAccess, Show

type Question = (
    Find
    | Show
    | ActAs
    | End
    | GrantAccess
    | EndGrant
    | Flags
    | OneFlag
    | ChangeFlag
    | TargetFlag
    | EndTarget
    | Exposures
    | Override
    | EndOverride
    | Explain
)

QUESTION: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="ask")])


def answered(db: Database, event: dict[str, Any], *, operator: str, request_id: str) -> dict[str, Any]:
    """Always an answer, as JSON: Lambda's own for an exception would hide the sentence in a traceback."""
    try:
        return _answer(Asking(db, operator, request_id), QUESTION.validate_python(event))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return _refused(InvalidInput(f"{where or 'the question'} cannot be accepted: {wording.worded(first)}."))
    except TenantGone:
        return _refused(NotFound("There is no such tenant."))
    except ApiError as error:
        return _refused(error)


def _answer(asking: Asking, question: Question) -> dict[str, Any]:
    match question:
        case Find() | Show() | ActAs() | End() | GrantAccess() | EndGrant():
            return tenant_questions.answer(asking, question)
        case Flags() | OneFlag() | ChangeFlag() | TargetFlag() | EndTarget() | Exposures():
            return flag_questions.answer(asking, question)
        case Override() | EndOverride() | Explain():
            return decision_questions.answer(asking, question)


def _refused(error: ApiError) -> dict[str, Any]:
    return {"error": error.detail, "code": error.code}
