"""A report that somebody asked for can be fetched."""

from uuid import UUID

from freehold.email.models import Line, Template


class ReportReady(Template):
    """Which file, the job that wrote it, and how much is in it."""

    job_id: UUID
    report: Line
    rows: int
