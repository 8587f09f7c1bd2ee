"""A throwaway PostgreSQL with two databases of the product: 2,000 tenants in one, 20 in the other."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from benchmarks.harness import dataset
from freehold.callers import Identity, PersonCaller
from freehold.database.migrations.bootstrap import DATABASE
from freehold.ids import TenantId
from local.database import Database
from local.postgres import SUPERUSER, Postgres, temporary
from product.projects.models import ProjectId

API = "freehold_api"
SMALL = "freehold_small"
TENANTS = {DATABASE: 2_000, SMALL: 20}
SAMPLE = 20_000
_SETTINGS = {
    "shared_buffers": "1GB",  # the data fits, as it does on the smallest instance of Aurora
    "autovacuum": "off",  # it would come in the middle of a block
}


@dataclass(frozen=True, slots=True)
class Row:
    """A project, and an owner of its tenant."""

    tenant_id: TenantId
    project_id: ProjectId
    subject: str
    caller: PersonCaller
    """The owner, with a token from just now."""


@dataclass(frozen=True, slots=True)
class World:
    """The server, and rows of either database to ask for."""

    server: Postgres
    rows: dict[str, list[Row]]

    def conninfo(self, *, role: str = API, database: str = DATABASE, port: int = 0) -> str:
        """How a role connects; through another port, where one is given."""
        direct = self.server.conninfo(user=role, database=database)
        return direct.replace(f"port={self.server.port}", f"port={port}") if port else direct

    def superuser(self, database: str = DATABASE) -> psycopg.Connection:
        """A connection that reaches past everything, to prepare and to tidy up."""
        return psycopg.connect(self.conninfo(role=SUPERUSER, database=database), autocommit=True)

    def any_row(self, database: str = DATABASE) -> Row:
        """A random one."""
        return random.choice(self.rows[database])  # noqa: S311 (a sample, not a secret)

    def tidy_up(self, database: str = DATABASE) -> None:
        """Forget the rows that a measurement left dead, before the next one meets them."""
        with self.superuser(database) as connection:
            connection.execute("vacuum analyze")


@contextmanager
def world(after_step: Callable[[int, int], None]) -> Iterator[World]:
    """Loaded and ready, gone afterwards."""
    with temporary(in_memory=False) as server:
        for name, value in _SETTINGS.items():
            server.superuser(f"alter system set {name} = '{value}'")
        server.stop()
        server.start()
        Database(server).prepare()
        server.superuser(f"create database {SMALL} template {DATABASE} owner freehold_owner")
        loaded = World(server, {})
        for database, tenants in TENANTS.items():
            with loaded.superuser(database) as connection:
                dataset.load(connection, tenants=tenants, after_step=after_step)
                loaded.rows[database] = _sample(connection)
        yield loaded


def _sample(connection: psycopg.Connection) -> list[Row]:
    found = connection.execute(
        "select p.tenant_id, p.id, m.subject from app.projects p"
        " join app.members m on m.tenant_id = p.tenant_id and m.role = 'owner'"
        " where p.archived_at is null order by hashtext(p.id::text) limit %s",
        [SAMPLE],
    )
    return [_row(*row) for row in found]


def _row(tenant_id: UUID, project_id: UUID, subject: str) -> Row:
    identity = Identity(issuer=dataset.ISSUER, subject=subject, issued_at=datetime.now(UTC))
    caller = PersonCaller(tenant_id=TenantId(tenant_id), identity=identity, request_id="bench", address="192.0.2.1")
    return Row(TenantId(tenant_id), ProjectId(project_id), subject, caller)
