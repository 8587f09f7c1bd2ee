"""A report that somebody asked for can be fetched."""

from uuid import UUID

from freehold.email.models import Line, Template
from freehold.fields import Moment


class ReportReady(Template):
    """Which report, the job that made it, and how long its file is kept."""

    job_id: UUID
    report: Line
    kept_until: Moment
