"""Jobs as clients see them."""

from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Timestamp

JobId = NewType("JobId", UUID)


class JobClass(StrEnum):
    """How urgent a job is and what it weighs on; each class has workers of its own."""

    INTERACTIVE = "interactive"
    STANDARD = "standard"
    BULK = "bulk"
    DELIVERIES = "deliveries"
    MAIL = "mail"
    BILLING = "billing"
    PAYMENTS = "payments"


class State(StrEnum):
    """Where a job stands; the last three are final."""

    SCHEDULED = "scheduled"
    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Filter(BaseModel):
    """Which jobs a list shows; None stands for all of them."""

    job_class: JobClass | None = None
    state: State | None = None


class Job(BaseModel):
    """A job of this tenant."""

    model_config = ConfigDict(frozen=True)

    id: JobId
    kind: str = Field(description="What it does")
    job_class: JobClass
    state: State
    attempt: int = Field(description="How many attempts were begun")
    attempts: int = Field(description="How many there are at most")
    done: int | None = Field(description="How far it is, in whatever it counts")
    total: int | None = Field(description="How far it has to go, where it knows")
    reason: str | None = Field(description="Why the last attempt did not succeed")
    result: dict[str, Any] | None
    cancel_asked: bool = Field(description="Whether somebody canceled it; it stops where it safely can")
    due_at: Timestamp = Field(description="It does not begin before")
    deadline: Timestamp | None = Field(description="It does not begin after")
    created_by: str = Field(examples=["member:0199d0c8-0000-7000-8000-000000000000"])
    request_id: str = Field(description="Of the request that it came from")
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None
    updated_at: Timestamp


class Why(BaseModel):
    """Why a job does not run yet. Decide by `code`; `detail` is for people and may be reworded."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(examples=["behind_your_own"])
    detail: str = Field(examples=["3 jobs of your own are ahead of it."])


class JobInLine(Job):
    """A job with what decides when it is its turn."""

    concurrency: int
    under_way: int
    ahead: int


class JobShown(Job):
    """A job, and why it does not run yet; null once it does."""

    waiting_because: Why | None
