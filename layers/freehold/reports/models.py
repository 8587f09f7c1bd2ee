"""Reports as clients see them, and what a report is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from freehold.database import Query
from freehold.fields import Input, Moment, Timestamp
from freehold.ids import first_id
from freehold.jobs.models import State
from freehold.permissions import Permission


class Format(StrEnum):
    """How the rows are written."""

    CSV = "csv"
    JSONL = "jsonl"


class Wanted(Input):
    """A report to write: of all times, unless it says of which."""

    model_config = ConfigDict(serialize_by_alias=True)

    report: str = Field(max_length=50, pattern=r"^[a-z_]+$", examples=["activity"])
    format: Format = Format.CSV
    since: Moment | None = Field(
        None, alias="from", description="What was made at this time or later", examples=["2026-01-01T00:00:00Z"]
    )
    until: Moment | None = Field(None, alias="to", description="What was made before this time")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("`from` has to lie before `to`")
        return self


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of a page: with ids after `after` and before `before`, the first ones of them."""

    after: UUID
    before: UUID
    limit: int


class Row(BaseModel):
    """What each row of each report has; its fields are the columns."""

    model_config = ConfigDict(frozen=True)

    id: UUID


class Change(Row):
    """One change of one thing. Of what is secret it tells that it changed, never what it was."""

    occurred_at: Timestamp
    principal: str
    action: str
    row_id: UUID
    change: dict[str, list[Any]]
    """By column, what it was before and after."""
    request_id: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report[R: Row]:
    """One kind of report. Whoever asks for it, and whoever fetches it, holds the permission then."""

    name: str
    permission: Permission
    row: type[R]
    page: Callable[[Span], Query[list[R]]]
    """Ordered by id."""
    feature: str | None = None
    """What the tenant's plan has to include."""

    @property
    def kind(self) -> str:
        """Of the jobs that write it."""
        return f"reports.{self.name}"


type Reports = Mapping[str, Report[Any]]
"""By name."""


class Written(BaseModel):
    """The file, as its job's result names it."""

    key: str
    bytes: int
    rows: int

    @property
    def filename(self) -> str:
        """As whoever fetches it saves it."""
        return self.key.rpartition("/")[2]


class Finished(BaseModel):
    """A job that may have written a report, and the permissions of whoever asks."""

    kind: str
    state: State
    result: dict[str, Any] | None
    finished_at: datetime | None
    held: tuple[str, ...]


class Download(BaseModel):
    """Where the file is fetched, until then. Whoever has the address needs nothing else."""

    model_config = ConfigDict(frozen=True)

    url: str
    expires_at: Timestamp
    filename: str = Field(examples=["activity-2026-11-21.csv"])
    bytes: int
    rows: int


def ids_between(since: datetime | None, until: datetime) -> tuple[UUID, UUID]:
    """The id before the first one that was made then, and the one after the last."""
    before_first = max(0, first_id(since).int - 1) if since else 0
    return UUID(int=before_first), first_id(until)
