"""A yard of tenants with jobs, and what picks and runs them, on the real database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import BaseModel

from freehold.callers import WorkerCaller
from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.ids import TenantId
from freehold.jobs import queries
from freehold.jobs.dispatcher import pick, wake
from freehold.jobs.handed import Handed
from freehold.jobs.kinds import Done, Kind, Outcome
from freehold.jobs.models import JobClass, JobId
from freehold.jobs.running import Running
from freehold.jobs.worker import perform
from local.companies import superuser as as_superuser
from local.postgres import Postgres
from tests.messaging.conftest import lines  # noqa: F401 (a fixture)

CLASS = JobClass.STANDARD


class Given(BaseModel):
    number: int = 0


def nothing(running: Running, given: Given) -> Outcome:
    return Done()


def kind(run=nothing, *, name: str = "tests.nothing", **different: Any) -> Kind[Given]:
    return Kind(name=name, job_class=different.pop("job_class", CLASS), input=Given, run=run, **different)


@dataclass
class Yard:
    """Empty at first. `system` and `workers` are the database as those roles."""

    system: Database
    workers: Database
    superuser: str

    def tenant(self, **quota: int) -> TenantId:
        tenant = TenantId(uuid4())
        self.execute(tenant, "insert into app.tenants (id, name) values (%(tenant_id)s, 'A tenant')")
        if quota:
            self.quota(tenant, **quota)
        return tenant

    def quota(self, tenant: TenantId, **quota: int) -> None:
        names, values = ", ".join(quota), ", ".join(f"%({name})s" for name in quota)
        insert = f"insert into app.job_quotas (job_class, {names}) values (%(job_class)s, {values})"
        self.execute(tenant, insert, job_class=CLASS.value, **quota)

    def execute(self, tenant: TenantId, sql: str, **params: object) -> list[tuple[Any, ...]]:
        return as_superuser(self.superuser, sql, tenant=tenant, **params)

    def add(self, tenant: TenantId, count: int = 1, of: Kind[Given] | None = None, **how: Any) -> None:
        works = self.workers.working(WorkerCaller(tenant_id=tenant, worker="jobs", request_id="a-request"))
        works.do(*(queries.enqueue(of or kind(), Given(number=number), **how) for number in range(count)))

    def pick(self, room: int, job_class: JobClass = CLASS) -> list[Handed]:
        return self.system.outside(pick(job_class, room))

    def hand(self, tenant: TenantId, of: Kind[Given], **how: Any) -> Handed:
        """A job of this kind, handed over."""
        self.add(tenant, 1, of, **how)
        [handed] = self.pick(1_000, of.job_class)
        return handed

    def perform(self, handed: Handed, *kinds: Kind[Given]) -> str:
        return perform({each.name: each for each in kinds}, self.workers, handed)

    def wake(self):
        return self.system.outside(wake(1_000))

    def end(self, *handed: Handed) -> None:
        """As if a worker had done them."""
        with psycopg.connect(self.superuser) as connection:
            connection.execute("delete from app.jobs where id = any(%s)", [[job.job_id for job in handed]])

    def job(self, tenant: TenantId, job_id: JobId | None = None) -> dict[str, Any]:
        with psycopg.connect(self.superuser, row_factory=psycopg.rows.dict_row) as connection:
            row = connection.execute(
                "select * from app.jobs where tenant_id = %s and id = coalesce(%s, id)", [tenant, job_id]
            ).fetchone()
        assert row is not None
        return row

    def states(self, tenant: TenantId) -> list[str]:
        return [
            state
            for (state,) in self.execute(
                tenant, "select state from app.jobs where tenant_id = %(tenant_id)s order by id"
            )
        ]

    def events(self, tenant: TenantId) -> list[tuple[str, dict[str, Any]]]:
        return self.execute(tenant, "select type, data from app.outbox where tenant_id = %(tenant_id)s order by id")

    def lose_the_lease(self, tenant: TenantId) -> None:
        """The time that was given to whoever has the tenant's jobs is over."""
        self.execute(
            tenant,
            "update app.jobs set lease_until = now() - interval '1 second'"
            " where tenant_id = %(tenant_id)s and token is not null",
        )


@pytest.fixture
def yard(server: Postgres, superuser: str) -> Iterator[Yard]:
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs")
        connection.execute("update app.job_rings set tenant = %s, credit = 0", [UUID(int=0)])
    system, workers = (
        Database(server.conninfo(user=f"freehold_{role}", database=DATABASE)) for role in ("system", "worker")
    )
    yield Yard(system, workers, superuser)
    system.close()
    workers.close()
