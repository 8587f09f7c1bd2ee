"""Reports are written whole, in bounded memory, over as many invocations as it takes, and show nobody else's rows."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from freehold import clock
from freehold.database import ReportCaller, database
from freehold.ids import TenantId, first_id
from freehold.reports.export import ENOUGH, PAGE
from freehold.reports.models import Span
from freehold.reports.storage import LEAST_PIECE
from local.companies import Company
from product.reports import REPORTS
from tests.reports.conftest import MANY, Office, Shelf

MEMORY = 24 * 1024 * 1024
"""Bytes: four pieces and some pages. All rows of the large report take more."""


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def read_all(company: Company, name: str) -> list:
    """What a report must not do: hold all of its rows at once."""
    caller = ReportCaller(tenant_id=TenantId(company.id), worker="reports", request_id="a-request")
    works, rows, after = database("freehold_report").working(caller), [], UUID(int=0)
    while page := works.one(REPORTS[name].page(Span(after, UUID(int=2**128 - 1), PAGE))):
        rows += page
        after = page[-1].id
    return rows


class TestLargeReport:
    @pytest.mark.parametrize("name", ["activity", "projects"])
    def test_has_each_row_once_as_csv(self, big: Office, name: str):
        rows = rows_of(big.written(report=name, format="csv"))
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids)) >= MANY
        assert ids == sorted(ids)
        assert list(rows[0]) == list(REPORTS[name].row.model_fields)

    @pytest.mark.parametrize("name", ["activity", "projects"])
    def test_has_each_row_once_as_json_lines(self, big: Office, name: str):
        lines = big.written(report=name, format="jsonl").decode().splitlines()
        rows = [REPORTS[name].row.model_validate_json(line) for line in lines]
        assert [row.id for row in rows] == [row.id for row in read_all(big.company, name)][: len(rows)]
        assert len(rows) >= MANY

    def test_its_job_says_what_was_written(self, big: Office, shelf: Shelf):
        job = big.ask(report="projects", format="csv")
        assert big.write() == "succeeded"
        shown = big.job(job)
        [(key, data)] = shelf.contents.items()
        assert shown["result"] == {"key": key, "rows": MANY, "bytes": len(data)}
        assert shown["done"] == MANY
        assert key == f"reports/{big.company.id}/{job['id']}/projects-{datetime.now(UTC):%Y-%m-%d}.csv"
        assert len(data) > LEAST_PIECE

    def test_takes_bounded_memory(self, big: Office):
        big.files = Shelf(keeps=False)
        big.ask(report="activity", format="jsonl")
        handed = big.hand()
        peak = peak_of(lambda: big.perform(handed))
        assert peak < MEMORY

    def test_the_control_all_rows_at_once_take_more(self, big: Office):
        assert peak_of(lambda: read_all(big.company, "activity")) > MEMORY


def peak_of(work) -> int:
    """The most bytes that Python had at once for it."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestResume:
    @staticmethod
    def time_runs_short(_number: int) -> None:
        clock.allow(ENOUGH / 2)

    @pytest.mark.parametrize("form", ["csv", "jsonl"])
    def test_goes_on_in_the_next_invocation_where_it_ended(self, big: Office, shelf: Shelf, form: str):
        whole = big.written(report="activity", format=form, to="2100-01-01T00:00:00Z")
        job = big.ask(report="activity", format=form)
        shelf.on_piece = self.time_runs_short
        outcomes = [big.write()]
        while outcomes[-1] == "resumes":
            outcomes.append(big.write())
        assert outcomes[0] == "resumes"
        assert outcomes[-1] == "succeeded"
        shown = big.job(job)
        assert shown["attempt"] == 1
        assert shelf.contents[shown["result"]["key"]] == whole

    def test_an_invocation_that_gets_nowhere_is_an_attempt(self, big: Office):
        job = big.ask(report="activity")
        handed = big.hand()
        clock.allow(ENOUGH / 2)
        assert big.perform(handed) == "again"
        assert "No piece of the file could be written" in big.job(job)["reason"]

    def test_begins_anew_where_the_upload_is_gone(self, big: Office, shelf: Shelf):
        job = big.ask(report="activity", format="jsonl")
        shelf.on_piece = self.time_runs_short
        assert big.write() == "resumes"
        shelf.on_piece = lambda _number: None
        shelf.uploads.clear()
        assert [big.write(), big.write()] == ["resumes", "succeeded"]
        assert shelf.contents[big.job(job)["result"]["key"]].count(b"\n") >= MANY

    def test_a_failure_keeps_what_was_written_for_the_next_attempt(self, big: Office, shelf: Shelf):
        job = big.ask(report="activity", format="jsonl")
        shelf.on_piece = fails_at(2)
        assert big.write() == "again"
        [upload] = shelf.uploads
        shelf.on_piece = lambda _number: None
        big.company.execute("update app.jobs set due_at = now(), state = 'waiting' where tenant_id = %(tenant_id)s")
        assert big.write() == "succeeded"
        assert shelf.abandoned == []
        assert upload not in shelf.uploads
        assert big.job(job)["result"]["rows"] >= MANY

    def test_a_failure_of_the_last_attempt_removes_what_was_written(self, big: Office, shelf: Shelf):
        job = big.ask(report="activity", format="jsonl")
        big.company.execute("update app.jobs set attempts = 1 where tenant_id = %(tenant_id)s")
        shelf.on_piece = fails_at(2)
        assert big.write() == "failed"
        assert (shelf.uploads, len(shelf.abandoned)) == ({}, 1)
        assert big.company.call("POST", f"/v1/jobs/{job['id']}/retry").status < 300
        shelf.on_piece = lambda _number: None
        assert [big.write(), big.write()] == ["resumes", "succeeded"]

    def test_a_report_that_is_too_large_removes_what_was_written(
        self, big: Office, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("freehold.reports.file.MOST_PIECES", 1)
        job = big.ask(report="activity", format="jsonl")
        assert big.write() == "failed"
        assert "Ask for a shorter time" in big.job(job)["reason"]
        assert (shelf.uploads, len(shelf.abandoned)) == ({}, 1)

    def test_a_permission_that_is_lost_on_the_way_removes_what_was_written(self, big: Office, shelf: Shelf):
        admin = big.company.member("admin")
        wanted = {"report": "activity", "format": "jsonl"}
        assert big.company.call_as(admin, "POST", "/v1/reports", body=wanted).status == 202
        shelf.on_piece = lambda number: (
            big.company.execute(
                "update app.members set role = 'viewer' where subject = %(subject)s", subject=admin.subject
            )
            if number == 2
            else None
        )
        assert big.write() == "failed"
        assert (shelf.uploads, len(shelf.abandoned)) == ({}, 1)

    def test_a_failure_before_anybody_knew_of_the_upload_removes_it(self, big: Office, shelf: Shelf):
        big.ask(report="activity", format="jsonl")
        shelf.on_piece = fails_at(1)
        assert big.write() == "again"
        assert (shelf.uploads, len(shelf.abandoned)) == ({}, 1)


def fails_at(piece: int):
    def fail(number: int) -> None:
        if number == piece:
            raise ConnectionResetError

    return fail


class TestLease:
    def lost_at(self, office: Office, piece: int):
        def lose(number: int) -> None:
            if number == piece:
                office.company.execute(
                    "update app.jobs set state = 'waiting', token = null, lease_until = null"
                    " where tenant_id = %(tenant_id)s"
                )

        return lose

    def test_lost_before_its_upload_was_known_leaves_nothing(self, big: Office, shelf: Shelf):
        big.ask(report="activity", format="jsonl")
        shelf.on_piece = self.lost_at(big, 1)
        assert big.write() == "lease_lost"
        assert (shelf.uploads, len(shelf.abandoned)) == ({}, 1)

    def test_lost_later_leaves_the_upload_to_whoever_has_the_job_now(self, big: Office, shelf: Shelf):
        job = big.ask(report="activity", format="jsonl")
        shelf.on_piece = self.lost_at(big, 2)
        assert big.write() == "lease_lost"
        assert shelf.abandoned == []
        shelf.on_piece = lambda _number: None
        assert big.write() == "succeeded"
        assert shelf.contents[big.job(job)["result"]["key"]].count(b"\n") >= MANY

    def test_of_one_that_was_canceled_removes_the_upload(self, big: Office, shelf: Shelf):
        big.ask(report="activity", format="jsonl")
        shelf.on_piece = lambda _number: big.company.execute(
            "update app.jobs set cancel_asked = true where tenant_id = %(tenant_id)s"
        )
        assert big.write() == "canceled"
        assert (shelf.uploads, shelf.contents) == ({}, {})


class TestRows:
    HOSTILE = (
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        '"quoted", with a comma',
        "two\r\nlines",
        "Zoë 🎉",
        " =1",
    )

    def add(self, company: Company, *names: str) -> None:
        for name in names:
            company.execute(
                "insert into app.projects (tenant_id, name, created_by)"
                " select tenant_id, %(name)s, id from app.members where tenant_id = %(tenant_id)s",
                name=name,
            )

    def test_no_cell_is_a_formula(self, office: Office):
        self.add(office.company, *self.HOSTILE)
        names = [row["name"] for row in rows_of(office.written(format="csv"))]
        for wanted, cell in zip(self.HOSTILE, names, strict=True):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert cell.removeprefix("'") == wanted

    def test_json_lines_say_it_as_it_is(self, office: Office):
        self.add(office.company, *self.HOSTILE)
        lines = office.written(format="jsonl").decode().split("\n")
        assert [json.loads(line)["name"] for line in lines[:-1]] == list(self.HOSTILE)
        assert lines[-1] == ""

    def test_csv_is_as_rfc_4180_wants_it(self, office: Office, shelf: Shelf):
        self.add(office.company, 'a "b", c')
        data = office.written(format="csv")
        heading, row, end = data.split(b"\r\n")
        assert heading == b"id,name,description,archived_at,created_by,created_at,updated_at"
        assert row.split(b",", 1)[1].startswith(b'"a ""b"", c",,,')
        assert end == b""
        assert set(shelf.types.values()) == {"text/csv; charset=utf-8"}

    def test_of_nothing_is_a_file_with_its_heading(self, office: Office):
        assert office.written(format="csv").count(b"\r\n") == 1

    def test_of_nothing_as_json_lines_is_empty(self, office: Office):
        assert office.written(format="jsonl") == b""

    def test_of_the_neighbour_are_not_there(self, office: Office, globex: Company):
        globex.project("Theirs")
        office.company.project("Ours")
        for name in ("projects", "activity"):
            data = office.written(report=name, format="jsonl")
            assert b"Ours" in data
            assert b"Theirs" not in data

    def test_what_is_secret_is_masked(self, office: Office):
        office.company.key("projects:read")
        data = office.written(report="activity", format="jsonl").decode()
        changes = [json.loads(line) for line in data.splitlines()]
        [made] = [change for change in changes if change["action"] == "api_keys.insert"]
        assert made["change"]["secret_hash"] == ["***", "***"]
        assert made["principal"].startswith("member:")
        assert made["request_id"]

    def test_are_of_the_time_that_was_asked_for(self, office: Office):
        now = datetime.now(UTC)
        for days in (3, 2, 1):
            office.company.execute(
                "insert into app.projects (tenant_id, id, name, created_by)"
                " select tenant_id, %(id)s, %(name)s, id from app.members where tenant_id = %(tenant_id)s",
                id=UUID(int=first_id(now - timedelta(days=days)).int + 1),
                name=f"{days} days ago",
            )
        asked = {"from": (now - timedelta(days=2.5)).isoformat(), "to": (now - timedelta(days=1.5)).isoformat()}
        assert [row["name"] for row in rows_of(office.written(**asked))] == ["2 days ago"]
        exactly = {"from": (now - timedelta(days=2)).isoformat(), "to": (now - timedelta(days=1)).isoformat()}
        assert [row["name"] for row in rows_of(office.written(**exactly))] == ["2 days ago"]

    def test_end_when_it_was_asked_for(self, office: Office, shelf: Shelf):
        office.company.project("Before")
        job = office.ask(format="jsonl", to="2100-01-01T00:00:00Z")
        office.company.project("After")
        assert office.write() == "succeeded"
        data = shelf.contents[office.job(job)["result"]["key"]]
        assert b"Before" in data
        assert b"After" not in data


class TestPermission:
    def test_lost_since_it_was_asked_for_fails_it_with_the_reason(self, office: Office, shelf: Shelf):
        admin = office.company.member("admin")
        job = office.company.call_as(admin, "POST", "/v1/reports", body={"report": "activity"}).json
        office.company.execute(
            "update app.members set role = 'viewer' where subject = %(subject)s", subject=admin.subject
        )
        assert office.write() == "failed"
        shown = office.job(job)
        assert shown["state"] == "failed"
        assert "You lack the permission activity:read." in shown["reason"]
        assert shelf.contents == {}

    def test_the_control_kept_it_is_written(self, office: Office, shelf: Shelf):
        admin = office.company.member("admin")
        office.company.call_as(admin, "POST", "/v1/reports", body={"report": "activity"})
        assert office.write() == "succeeded"
        assert len(shelf.contents) == 1

    def test_whoever_is_gone_gets_no_report(self, office: Office, shelf: Shelf):
        admin = office.company.member("admin")
        office.company.call_as(admin, "POST", "/v1/reports", body={"report": "projects"})
        office.company.execute(
            "update app.members set status = 'removed' where subject = %(subject)s", subject=admin.subject
        )
        assert office.write() == "failed"
        assert shelf.contents == {}
