"""A drawer for anchors, a sealer like the scheduled function, and a reader that sees what an attacker did."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from freehold.audit.anchors import key_of
from freehold.audit.models import Anchor
from freehold.audit.sealing import Sealer
from freehold.database import database
from local.audit import Verdict, verify
from local.audit_chain import Finding
from local.audit_reading import Trail


@dataclass
class Drawer:
    """In place of S3: what is in it stays as it was."""

    contents: dict[str, bytes] = field(default_factory=dict)
    broken: bool = False

    def put(self, anchor: Anchor) -> None:
        if self.broken:
            raise OSError("the bucket does not answer")
        self.contents.setdefault(key_of(anchor.tenant_id, anchor.seq), anchor.model_dump_json().encode())

    def written(self, tenant: UUID) -> Iterable[bytes]:
        return [data for key, data in sorted(self.contents.items()) if str(tenant) in key]

    def first(self, count: int) -> "Drawer":
        """As it was when so many anchors were in it."""
        return Drawer(dict(sorted(self.contents.items())[:count]))


def seal(drawer: Drawer) -> int:
    """One call of the clock."""
    return Sealer(database("freehold_system"), database("freehold_worker"), drawer, "test").run(latest=math.inf)


@dataclass(frozen=True)
class Attacker:
    """A superuser, who may change everything in the database; and what verification then says, before it is undone."""

    connection: psycopg.Connection[dict[str, Any]]

    def do(self, sql: str, **params: object) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql.encode(), params)
        return cursor.fetchall() if cursor.description else []

    def enter(self, tenant: UUID) -> None:
        for name in ("principal", "request_id", "address"):
            self.do("select set_config(%(name)s, 'attacker', true)", name=f"app.{name}")
        Trail(self.connection).enter(tenant)

    def verdict(self, drawer: Drawer | None, tenant: UUID) -> Verdict:
        return verify(Trail(self.connection), drawer, tenant)

    def finding(self, drawer: Drawer | None, tenant: UUID) -> Finding | None:
        return self.verdict(drawer, tenant).finding


@pytest.fixture
def attacker(superuser: str) -> Iterator[Attacker]:
    """Nothing of what it does stays."""
    with psycopg.connect(superuser, row_factory=dict_row) as connection:
        yield Attacker(connection)
        connection.rollback()


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture(autouse=True)
def no_connections_left(stage: None) -> Iterator[None]:
    yield
    for role in ("worker", "system"):
        database(f"freehold_{role}").close()
