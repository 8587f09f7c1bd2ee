"""Entries of the audit trail as clients see them, and what sealing hands on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Timestamp
from freehold.ids import TenantId

EntryId = NewType("EntryId", UUID)


class Entry(BaseModel):
    """One change of one thing."""

    model_config = ConfigDict(frozen=True)

    id: EntryId
    occurred_at: Timestamp
    principal: str = Field(
        description="Who did it: `member:…`, `api_key:…`, `worker:…`, `operator:…`",
        examples=["member:01997f5a-0000-7000-8000-000000000001"],
    )
    action: str = Field(description="The kind of thing, and what was done to it", examples=["projects.update"])
    row_id: UUID = Field(description="The thing that changed")
    change: dict[str, list[Any]] = Field(
        description="By field, what it was before and after; of what is secret or personal, `***`",
        examples=[{"name": ["Apollo", "Artemis"]}],
    )
    request_id: str
    address: str = Field(description="Where the request came from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are asked for; None is all."""

    principal: str | None
    action: str | None
    row_id: UUID | None
    request_id: str | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A tenant that has something to seal, or to write down outside."""

    tenant_id: TenantId
    oldest: UUID | None
    """The entry that has waited longest; None where all are sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one batch came to: so many entries more, and the chain is anchored up to there."""

    entries: int
    seq: int
    anchored_seq: int


class Anchor(BaseModel):
    """What is written down outside the database: the chain's hashes from `first` to `seq`, in hexadecimal digits."""

    model_config = ConfigDict(frozen=True)

    tenant_id: UUID
    first: int
    seq: int
    hash: str
    hashes: tuple[str, ...]
    anchored_at: datetime
