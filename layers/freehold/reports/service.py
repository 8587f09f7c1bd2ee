"""What can be done with reports."""

import os
from datetime import timedelta

from freehold import clock
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import InvalidInput, NotFound, PermissionDenied, ReportNotReady
from freehold.jobs.models import Job, JobId, State
from freehold.jobs.queries import submit
from freehold.permissions import JOBS_READ
from freehold.reports import queries
from freehold.reports.export import Exports
from freehold.reports.models import Download, Finished, Reports, Wanted, Written
from freehold.settings import settings
from freehold.sigv4 import Credentials, file_url

VALID = timedelta(minutes=5)
"""How long an address can be fetched from."""
KEPT = timedelta(days=7)
"""How long the bucket keeps a report."""


def ask_for(db: Database, caller: Caller, exports: Exports, wanted: Wanted, once: Remembered | None) -> Answer[Job]:
    """The job that writes it. Raises InvalidInput for one that there is not, and BacklogFull."""
    if (kind := exports.get(wanted.report)) is None:
        raise InvalidInput(f"There is no report {wanted.report}. There are: {', '.join(sorted(exports))}.")
    assert kind.permission  # noqa: S101 (each report has one)
    return db.run(caller, kind.permission, submit(kind, wanted), once=once)


def download(db: Database, caller: Caller, reports: Reports, job_id: JobId) -> Download:
    """Where to fetch what the job has written. Raises NotFound where it writes no report, or its file is gone."""
    finished = db.one(caller, JOBS_READ, queries.finished(job_id))
    _require_allowed(finished, reports)
    if finished.state is not State.SUCCEEDED or finished.finished_at is None:
        raise ReportNotReady(f"The report is not written: its job is {finished.state}.")
    if finished.finished_at < clock.now() - KEPT:
        raise NotFound(f"The report was kept for {KEPT.days} days. Ask for it again.")
    return _signed(Written.model_validate(finished.result))


def _require_allowed(finished: Finished, reports: Reports) -> None:
    """Whoever may see a job may not see what it wrote by that alone."""
    needed = next((report.permission for report in reports.values() if report.kind == finished.kind), None)
    if needed is None:
        raise NotFound("This job writes no report.")
    if needed.name not in finished.held:
        raise PermissionDenied(f"You lack the permission {needed.name}.", permission=needed.name)


def _signed(written: Written) -> Download:
    at = clock.now().replace(microsecond=0)  # as precise as a signature is
    url = file_url(
        bucket=settings().files,
        key=written.key,
        filename=written.filename,
        seconds=int(VALID.total_seconds()),
        credentials=Credentials.of_process(),
        at=at,
        endpoint=os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", ""),
    )
    return Download(
        url=url,
        expires_at=at + VALID,
        filename=written.filename,
        bytes=written.bytes,
        rows=written.rows,
    )
