"""The report of projects: all of them, archived ones too."""

from functools import partial

from freehold.fields import Timestamp
from freehold.ids import MemberId
from freehold.reports.models import Report, Row
from product.projects import queries
from product.projects.permissions import PROJECTS_READ


class ProjectRow(Row):
    """A project, as it is when its row is read."""

    name: str
    description: str
    archived_at: Timestamp | None
    created_by: MemberId
    created_at: Timestamp
    updated_at: Timestamp


PROJECTS = Report(
    name="projects", permission=PROJECTS_READ, row=ProjectRow, page=partial(queries.projects_between, ProjectRow)
)
