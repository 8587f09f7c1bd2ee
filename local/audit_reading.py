"""The audit trail of a database as it is at one moment: entries, seals, checkpoints and heads, tenant by tenant."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from local.audit_chain import Checkpoint, Entry, Head, Line, Seal

_AT_ONCE = 2_000  # rows
_ONE_MOMENT = "begin isolation level repeatable read read only"
_LINES = """
    select s.seq, s.audit_id, s.salt, s.content, s.digest, s.hash, s.sealed_at,
           e.id, e.occurred_at, e.principal, e.request_id, e.address, e.action, e.row_id, e.change::text as change,
           u.audit_id is not null as waits
      from (select * from app.audit_seals where tenant_id = %(tenant)s) s
      full join (select * from app.audit where tenant_id = %(tenant)s) e on e.id = s.audit_id
      full join (select * from app.audit_unsealed where tenant_id = %(tenant)s) u
             on u.audit_id = coalesce(s.audit_id, e.id)
     order by s.seq nulls last, e.id
"""
_HEAD = "select seq, hash from app.audit_heads where tenant_id = %(tenant)s"
_CHECKPOINT = (
    "select seq, hash, before from app.audit_checkpoints where tenant_id = %(tenant)s order by seq desc limit 1"
)
_KEEP = "select keep from app.retention where table_name = 'app.audit'"


@dataclass(frozen=True)
class Trail:
    """What is read through one connection, as the tables' owner: one tenant at a time, like everybody."""

    connection: psycopg.Connection[dict[str, Any]]

    def tenants(self) -> list[UUID]:
        """All of them."""
        return [row["id"] for row in self.connection.execute("select id from app.residents order by id")]

    def enter(self, tenant: UUID) -> None:
        """The tenant whose rows are seen from here on."""
        self.connection.execute("select set_config('app.tenant_id', %s, true)", [str(tenant)])

    def lines(self, tenant: UUID) -> Iterator[Line]:
        """In the order of the chain; never all of them in memory."""
        with self.connection.cursor(name="lines") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(_LINES, {"tenant": tenant})
            for row in cursor:
                yield Line(_seal(row), _entry(row, tenant), row["waits"])

    def head(self, tenant: UUID) -> Head | None:
        """None where nothing was sealed yet."""
        found = self.connection.execute(_HEAD, {"tenant": tenant}).fetchone()
        return Head(found["seq"], bytes(found["hash"])) if found else None

    def checkpoint(self, tenant: UUID) -> Checkpoint | None:
        """The last one."""
        found = self.connection.execute(_CHECKPOINT, {"tenant": tenant}).fetchone()
        return Checkpoint(found["seq"], bytes(found["hash"]), found["before"]) if found else None

    def keep(self) -> dt.timedelta | None:
        """For how long entries are kept; None is for good."""
        found = self.connection.execute(_KEEP).fetchone()
        return found["keep"] if found else None


@contextmanager
def trail(conninfo: str) -> Iterator[Trail]:
    """As it is now; what is written meanwhile is not seen. Raises psycopg.Error."""
    with psycopg.connect(conninfo, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute(_ONE_MOMENT)
        connection.execute("set local role freehold_owner")
        yield Trail(connection)
        connection.execute("rollback")


def _seal(row: dict[str, Any]) -> Seal | None:
    if row["seq"] is None:
        return None
    return Seal(
        seq=row["seq"],
        audit_id=row["audit_id"],
        salt=None if row["salt"] is None else bytes(row["salt"]),
        content=bytes(row["content"]),
        digest=bytes(row["digest"]),
        hash=bytes(row["hash"]),
        sealed_at=row["sealed_at"],
    )


def _entry(row: dict[str, Any], tenant: UUID) -> Entry | None:
    if row["id"] is None:
        return None
    told = {name: row[name] for name in Entry.__slots__ if name != "tenant_id"}
    return Entry(tenant_id=tenant, **told)
