"""The statements of reports; each report brings those of its rows."""

from freehold.database import Query, every, one
from freehold.jobs.models import JobId
from freehold.reports.models import Change, Finished, Span


def finished(job_id: JobId) -> Query[Finished]:
    """A job, and what its reader holds: which permission its file needs is known once its kind is."""
    return one(
        Finished,
        """
        select kind, state, result, finished_at, string_to_array(current_setting('app.permissions'), ' ') as held
          from app.jobs where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        id=job_id,
    )


def activity(span: Span) -> Query[list[Change]]:
    """A page of the audit trail, oldest first."""
    return every(
        Change,
        """
        select id, occurred_at, principal, action, row_id, change, request_id, address
          from app.audit
         where tenant_id = %(tenant_id)s and id > %(after)s and id < %(before)s
         order by id limit %(limit)s
        """,
        after=span.after,
        before=span.before,
        limit=span.limit,
    )
