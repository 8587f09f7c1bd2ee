"""What can be done with jobs."""

from uuid import UUID

from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import BacklogFull, JobNotOver, JobOver, NotFound, PermissionDenied
from freehold.jobs import queries
from freehold.jobs.models import Filter, Job, JobClass, JobId, JobShown, State
from freehold.jobs.waiting import why
from freehold.permissions import BILLING_READ, BILLING_WRITE, JOBS_READ, JOBS_RETRY, JOBS_WRITE


def read(db: Database, caller: Caller, job_id: JobId) -> JobShown:
    """One job, and why it does not run yet; one of payments for those alone who also hold billing:read."""
    job = db.one(caller, JOBS_READ, queries.job(job_id))
    return JobShown(**job.model_dump(), waiting_because=why(job))


def read_payment(db: Database, caller: Caller, job_id: JobId) -> JobShown:
    """The same of payments alone, for whoever holds billing:read."""
    job = db.one(caller, BILLING_READ, queries.job(job_id))
    if job.job_class is not JobClass.PAYMENTS:
        raise NotFound
    return JobShown(**job.model_dump(), waiting_because=why(job))


def read_page(db: Database, caller: Caller, shown: Filter, limit: int, cursor: UUID) -> bytes:
    """A page of jobs as JSON."""
    return db.one(caller, JOBS_READ, queries.jobs(shown, limit, cursor))


def cancel(db: Database, caller: Caller, job_id: JobId, once: Remembered | None) -> Answer[Job]:
    """The job, canceled or about to be. Raises JobOver for one that has ended otherwise.

    One of payments asks for billing:write as well; so does running it again.
    """
    answer = db.run(caller, JOBS_WRITE, queries.cancel_job(job_id), once=once)
    if answer.row.state in (State.SUCCEEDED, State.FAILED):
        raise JobOver
    if answer.row.state is not State.CANCELED and not answer.row.cancel_asked:  # the statement was not allowed to
        raise PermissionDenied(f"You lack the permission {BILLING_WRITE.name}.", permission=BILLING_WRITE.name)
    return answer


def retry(db: Database, caller: Caller, job_id: JobId, once: Remembered | None) -> Answer[Job]:
    """The job, waiting again. Raises JobNotOver for one that succeeded or has not ended, and BacklogFull."""
    try:
        answer = db.run(caller, JOBS_RETRY, queries.retry_job(job_id), once=once)
    except BacklogFull:
        job = db.one(caller, JOBS_RETRY, queries.job(job_id))  # raises NotFound: it is rather this
        if job.job_class is JobClass.PAYMENTS:
            db.one(caller, BILLING_WRITE, queries.job(job_id))  # raises PermissionDenied, likewise
        raise
    if answer.row.state is not State.WAITING:
        raise JobNotOver
    return answer
