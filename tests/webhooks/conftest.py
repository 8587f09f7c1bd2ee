"""The fixtures of webhooks: an office of their own for one company."""

from collections.abc import Iterator

import psycopg
import pytest

from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from local.companies import Company
from local.postgres import Postgres
from tests.webhooks.office import Office

MANY_AT_ONCE = "insert into app.job_quotas (job_class, concurrency) values ('deliveries', 1000)"
"""So that one pass of a test takes all that waits, whatever a tenant's share is."""


@pytest.fixture
def office(acme: Company, server: Postgres, superuser: str) -> Iterator[Office]:
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs")
    acme.execute(MANY_AT_ONCE)
    system, workers = (
        Database(server.conninfo(user=f"freehold_{role}", database=DATABASE)) for role in ("system", "worker")
    )
    yield Office(acme, system, workers)
    system.close()
    workers.close()
