"""Projects as clients see them."""

from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.fields import Input, Name, Timestamp
from freehold.ids import MemberId
from freehold.reports.models import Row

ProjectId = NewType("ProjectId", UUID)
type Description = Annotated[str, Field(max_length=2_000)]


class Status(StrEnum):
    """Which projects a list shows."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    ALL = "all"


class NewProject(Input):
    """A project to create."""

    name: Name
    description: Description = ""


class ProjectChange(Input):
    """What may be changed; what is left out stays as it is."""

    name: Name | None = None
    description: Description | None = None


class Project(BaseModel):
    """A project of this tenant."""

    model_config = ConfigDict(frozen=True)

    id: ProjectId
    name: str
    description: str
    archived_at: Timestamp | None
    created_by: MemberId
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ProjectRow(Row):
    """A project in a report, as it is when its row is read."""

    name: str
    description: str
    archived_at: Timestamp | None
    created_by: MemberId
    created_at: Timestamp
    updated_at: Timestamp
