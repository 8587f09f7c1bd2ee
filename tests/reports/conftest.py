"""A company with so much to report that it takes several pieces, and a shelf that files are written to."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from freehold import clock
from freehold.database import database
from freehold.jobs.dispatcher import pick
from freehold.jobs.handed import Handed
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from freehold.reports.export import exports
from freehold.reports.storage import LEAST_PIECE, Files, UploadGone
from local.companies import Company, People
from product.reports import REPORTS

MANY = 20_000
PROJECTS = """
    insert into app.projects (tenant_id, name, description, created_by)
    select %(tenant_id)s, 'Project ' || number, repeat('word ', 60), m.id
      from app.members m cross join generate_series(1, %(many)s) number where m.tenant_id = %(tenant_id)s
"""


@dataclass
class Shelf:
    """In place of S3, as strict as it is: small pieces, missing ones and uploads that are gone are refused.

    `keeps` False is for what is written to be measured, not read.
    """

    keeps: bool = True
    contents: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    abandoned: list[str] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    on_piece: Callable[[int], None] = lambda _number: None

    def put(self, key: str, content_type: str, data: bytes) -> None:
        self.contents[key], self.types[key] = data, content_type

    def begin(self, key: str, content_type: str) -> str:
        upload = f"upload-{len(self.uploads) + len(self.abandoned)}"
        self.uploads[upload], self.types[key] = {}, content_type
        return upload

    def add(self, key: str, upload: str, number: int, data: bytes) -> str:
        if upload not in self.uploads:
            raise UploadGone
        self.uploads[upload][number] = data if self.keeps else data[:LEAST_PIECE] and b""
        self.on_piece(number)
        return f"tag-{number}"

    def finish(self, key: str, upload: str, tags: Sequence[str]) -> None:
        if upload not in self.uploads:
            raise UploadGone
        pieces = self.uploads.pop(upload)
        assert list(tags) == [f"tag-{number}" for number in sorted(pieces)]
        assert not self.keeps or all(len(pieces[number]) >= LEAST_PIECE for number in sorted(pieces)[:-1])
        self.contents[key] = b"".join(pieces[number] for number in sorted(pieces))

    def abandon(self, key: str, upload: str) -> None:
        self.uploads.pop(upload, None)
        self.abandoned.append(upload)


@dataclass
class Office:
    """Asks for reports as a company, and has them written to `files`."""

    company: Company
    files: Files

    def ask(self, **wanted: Any) -> dict[str, Any]:
        answer = self.company.call("POST", "/v1/reports", body={"report": "projects", **wanted})
        assert answer.status == 202, answer
        return answer.json

    def hand(self) -> Handed:
        """The job that waits, handed over to a worker."""
        [handed] = database("freehold_system").outside(pick(JobClass.BULK, 1_000))
        return handed

    def write(self) -> str:
        """One invocation; what became of the job, in a word."""
        return self.perform(self.hand())

    def perform(self, handed: Handed) -> str:
        kinds = {kind.name: kind for kind in exports(REPORTS, self.files).values()}
        try:
            return perform(kinds, database("freehold_worker"), handed)
        finally:
            clock.allow(math.inf)

    def job(self, job: dict[str, Any]) -> dict[str, Any]:
        [row] = self.company.execute("select to_jsonb(j) from app.jobs j where id = %(id)s", id=job["id"])
        return row[0]

    def written(self, **wanted: Any) -> bytes:
        """A report from the order to the file."""
        job = self.ask(**wanted)
        assert self.write() == "succeeded", self.job(job)
        return self.files.contents[self.job(job)["result"]["key"]]


@pytest.fixture(autouse=True)
def no_jobs(stage: None, superuser: str) -> Iterator[None]:
    """At first; and no connections at last."""
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs")
    yield
    for role in ("worker", "report", "system"):
        database(f"freehold_{role}").close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def office(acme: Company, shelf: Shelf) -> Office:
    return Office(acme, shelf)


@pytest.fixture(scope="session")
def big_company(stage: None, issuer, superuser: str) -> Iterator[Company]:
    """With 20,000 projects, and as many entries in its audit trail."""
    company = People(issuer, superuser).company("Big")
    company.execute(PROJECTS, many=MANY)
    yield company
    company.execute("delete from app.tenants where id = %(tenant_id)s")


@pytest.fixture
def big(big_company: Company, shelf: Shelf) -> Office:
    return Office(big_company, shelf)
