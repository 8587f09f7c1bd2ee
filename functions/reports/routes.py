"""/v1/reports, and what their jobs have written."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.guards import require
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.jobs.models import Job, JobId
from freehold.reports import service
from freehold.reports.export import exports
from freehold.reports.models import Download, Wanted
from freehold.reports.storage import S3
from product.reports import REPORTS

EXPORTS = exports(REPORTS, S3())

router = APIRouter(prefix="/v1", tags=["Reports"])


@router.post("/reports", status_code=202, summary="Ask for a report")
async def ask_for(wanted: Wanted, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Job:
    """`activity` or `projects`. It is written as soon as it is your tenant's turn; the job says how far it is."""
    if (report := REPORTS.get(wanted.report)) and report.feature:
        require(caller, db, report.feature)
    return unpack(service.ask_for(db, caller, EXPORTS, wanted, once), response)


@router.get("/jobs/{job_id}/result", summary="Fetch a report")
async def download(job_id: JobId, caller: CurrentCaller, db: Db) -> Download:
    """An address that is valid for five minutes, once the job has succeeded. A report is kept for seven days."""
    return service.download(db, caller, REPORTS, job_id)
