"""/v1/jobs."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.jobs import service
from freehold.jobs.models import Filter, Job, JobClass, JobId, JobShown, State

router = APIRouter(prefix="/v1/jobs", tags=["Jobs"])


@router.get("", response_model=Page[Job], summary="List jobs")
async def list_all(
    caller: CurrentCaller,
    db: Db,
    page: WantedPage,
    job_class: Annotated[JobClass | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
) -> Response:
    """Newest first."""
    shown = Filter(job_class=job_class, state=state)
    return json_page(service.read_page(db, caller, shown, page.limit, page.cursor))


@router.get("/{job_id}", summary="Read a job")
async def read(job_id: JobId, caller: CurrentCaller, db: Db) -> JobShown:
    """How far it is, and why it does not run yet."""
    return service.read(db, caller, job_id)


@router.post("/{job_id}/cancel", summary="Cancel a job")
async def cancel(job_id: JobId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Job:
    """At once, or, while it runs, as soon as its worker can stop safely."""
    return unpack(service.cancel(db, caller, job_id, once), response)


@router.post("/{job_id}/retry", summary="Run a job again")
async def retry(job_id: JobId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Job:
    """One that failed or was canceled, with all its attempts before it."""
    return unpack(service.retry(db, caller, job_id, once), response)
