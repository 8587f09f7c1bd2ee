"""Who asks, and the words that questions share."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from freehold.database import Database, OperatorCaller
from freehold.fields import visible
from freehold.ids import TenantId
from freehold.operators.models import Errand

LONGEST_REASON = 500

type Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REASON), AfterValidator(visible)
]
type Key = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), AfterValidator(visible)
]
"""Of a flag, a feature, a limit or a rate; whether there is one is for the answer to say."""
type Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]


@dataclass(frozen=True, slots=True)
class Asking:
    """An operator with a question, and the database that answers it."""

    db: Database
    operator: str
    request_id: str

    def visitor(self, tenant: TenantId, errand: Errand, reason: str) -> OperatorCaller:
        """As one who visits this tenant."""
        return OperatorCaller(
            tenant_id=tenant, operator=self.operator, reason=reason, permission=errand, request_id=self.request_id
        )
