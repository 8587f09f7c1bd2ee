"""A job has been given up after its last attempt."""

from uuid import UUID

from freehold.email.models import Line, Template


class JobFailed(Template):
    """Which job, and what its last attempt said."""

    job_id: UUID
    kind: Line
    attempts: int
    reason: Line
