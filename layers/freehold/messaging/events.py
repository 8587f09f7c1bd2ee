"""The kinds of events that exist, and an event as its consumers see it.

A feature declares its own in its `events.py`; the statement that makes the change announces it, with the columns of its
answer as data. The ids of one subject's events sort by the time of the change. Whoever consumes them gets each at least
once and in any order: `id` tells which one it is, `occurred_at` and `data` what is newer.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.fields import Timestamp
from freehold.ids import TenantId
from freehold.messaging import examples
from freehold.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One kind of event. `permission` is what somebody must hold to have it sent to them."""

    name: str
    """The thing and what happened to it: `project.created`."""
    version: int = 1
    """Goes up when its data loses or changes a field; a field more is the same version."""
    description: str
    data: type[BaseModel]
    """What the change answered with."""
    permission: Permission
    subscribable: bool = True
    """Whether a tenant can have it sent to an endpoint of theirs."""

    @property
    def example(self) -> dict[str, Any]:
        """Data as it could be: what the model's fields give as examples, else something of their types."""
        return examples.of(self.data)


class Event(BaseModel):
    """Something that happened in a tenant."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    type: str
    version: int
    tenant_id: TenantId
    subject_id: UUID
    """What it happened to."""
    occurred_at: Timestamp
    request_id: str
    """Of the request that did it."""
    data: dict[str, Any]
