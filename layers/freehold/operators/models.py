"""What operators see, and what tenants see of operators."""

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.fields import Timestamp
from freehold.ids import MemberId, TenantId
from freehold.permissions import Access


class Errand(StrEnum):
    """What an operator comes for. These are all that there is: `app.enter_operator` refuses any other."""

    TENANT = "tenant:read"
    MEMBERS = "members:read"
    JOBS = "jobs:read"
    WEBHOOKS = "webhooks:read"
    AUDIT = "audit:read"
    ACT = "operators:act"
    GRANT = "access:grant"
    READ_DECISIONS = "decisions:read"
    CHANGE_DECISIONS = "decisions:change"


class OperatorVisit(BaseModel):
    """One look of an operator at this tenant. Where they acted as a member, it says as whom and until when."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    operator: str
    reason: str
    permission: str
    at: Timestamp
    request_id: str
    member_id: MemberId | None
    expires_at: Timestamp | None
    ended_at: Timestamp | None


class Acting(BaseModel):
    """An operator who acts as a member; `id` is that of the visit with which it began."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    operator: str
    member_id: MemberId
    reason: str
    created_at: Timestamp
    expires_at: Timestamp
    ended_at: Timestamp | None


class Begun(BaseModel):
    """What an operator hears who begins to act."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    expires_at: Timestamp


class BegunWithToken(Begun):
    """The one time that the token is shown."""

    token: str


class FoundTenant(BaseModel):
    """A tenant, as an operator finds it."""

    model_config = ConfigDict(frozen=True)

    id: TenantId
    name: str
    access: Access
    created_at: Timestamp
