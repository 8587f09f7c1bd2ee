"""The job that writes a report: page by page from the database, piece by piece into a file.

It goes on where an invocation before it ended, after the last whole piece. A file is as of when it was asked for, but
for what was changed or deleted while it was written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from freehold.database import LeaseLost, ReportCaller, Works, database
from freehold.errors import PermissionDenied
from freehold.ids import moment_of
from freehold.jobs.kinds import Again, Done, GiveUp, Kind, Outcome, Resume
from freehold.jobs.models import JobClass
from freehold.jobs.running import Canceled, Running
from freehold.reports import writing
from freehold.reports.file import File, Progress
from freehold.reports.models import Report, Reports, Row, Span, Wanted, ids_between
from freehold.reports.storage import Files, UploadGone

WORKER = "reports"
PAGE = 1_000  # rows
ENOUGH = 60.0  # seconds; for a page, a piece and the answer

type Exports = Mapping[str, Kind[Wanted]]
"""By the report's name."""


def exports(reports: Reports, files: Files) -> Exports:
    """The kinds of jobs that write these reports."""
    return {
        report.name: Kind(
            name=report.kind,
            job_class=JobClass.BULK,
            input=Wanted,
            run=partial(_run, report, files),
            permission=report.permission,
        )
        for report in reports.values()
    }


def _run(report: Report[Any], files: Files, running: Running, wanted: Wanted) -> Outcome:
    began = Progress.model_validate(running.checkpoint or {})
    file = File(
        files=files,
        key=_key(report, running, wanted),
        content_type=writing.CONTENT_TYPES[wanted.format],
        progress=began,
    )
    try:
        is_whole = _Writing(report, running, wanted, file).write()
        if is_whole:
            return Done(file.finish().model_dump())
    except UploadGone:
        return Resume(Progress().model_dump(mode="json")) if began.upload else _stalled()
    except BaseException as error:
        if not file.is_resumed or _is_final(error, running):
            file.abandon()
        raise
    if file.progress == began:
        if running.attempt >= running.attempts:
            file.abandon()
        return _stalled()
    return Resume(file.progress.model_dump(mode="json"))


def _is_final(error: BaseException, running: Running) -> bool:
    """Whether nobody goes on with the upload: whoever has lost the job leaves it to whoever has it."""
    match error:
        case LeaseLost():
            return False
        case Canceled() | GiveUp() | PermissionDenied():
            return True
        case _:
            return running.attempt >= running.attempts


def _stalled() -> Outcome:
    """An attempt that counts: it would not end otherwise."""
    return Again(None, "No piece of the file could be written.")


def _key(report: Report[Any], running: Running, wanted: Wanted) -> str:
    asked = moment_of(running.job_id)
    return f"reports/{running.tenant_id}/{running.job_id}/{report.name}-{asked:%Y-%m-%d}.{wanted.format}"


@dataclass(frozen=True, slots=True)
class _Writing:
    """From one page to the next."""

    report: Report[Any]
    running: Running
    wanted: Wanted
    file: File

    def write(self) -> bool:
        """Add all that is left; False when the time was short. Raises LeaseLost, Canceled, UploadGone."""
        read, span = self._reader(), self._span()
        if self.file.is_empty:
            self.file.add(writing.heading(self.report.row, self.wanted.format))
        while True:
            rows = read(span)
            self.file.add(writing.lines(rows, self.wanted.format), rows=len(rows))
            if len(rows) < span.limit:
                return True
            span = Span(after=rows[-1].id, before=span.before, limit=span.limit)
            self._tell(is_piece=self.file.write_piece(span.after))
            if self.running.seconds_left() < ENOUGH:
                return False

    def _tell(self, *, is_piece: bool) -> None:
        """Keep the lease; after a piece, so that the next one can go on from it."""
        checkpoint = self.file.progress.model_dump(mode="json") if is_piece else None
        self.running.beat(done=self.file.rows, checkpoint=checkpoint)
        self.file.is_resumed = self.file.is_resumed or is_piece

    def _span(self) -> Span:
        """To the time when it was asked for: also when it runs a day later, or again."""
        asked, until = moment_of(self.running.job_id), self.wanted.until
        first, before = ids_between(self.wanted.since, min(asked, until) if until else asked)
        return Span(after=self.file.progress.after or first, before=before, limit=PAGE)

    def _reader(self) -> Callable[[Span], list[Row]]:
        caller = ReportCaller(tenant_id=self.running.tenant_id, worker=WORKER, request_id=self.running.request_id)
        works: Works = database("freehold_report").working(caller)
        return lambda span: works.one(self.report.page(span))
