"""Requests as a process makes them: with a toll, through a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

from freehold import permissions
from freehold.api_keys.secrets import read_key
from freehold.callers import Caller, KeyCaller
from freehold.database import Database, Query
from freehold.errors import RateLimited
from freehold.rates.leases import Leases
from freehold.rates.toll import Toll
from local.companies import Company

ONE: Query[Any] = Query("select 1", {}, lambda result: result.fetchone())


class Clock:
    """A process's clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def caller(key: dict[str, Any], leases: Leases, *, at: UUID | None = None, rate_class: str = "read") -> KeyCaller:
    """The key with a toll; at another tenant than its own, where one is given."""
    presented = read_key(key["secret"], "test")
    return KeyCaller(
        tenant_id=at or presented.tenant_id,
        secret_hash=presented.hash,
        request_id="r",
        address="",
        toll=Toll(leases, rate_class),
    )


def ask(db: Database, who: Caller) -> bool:
    """Whether a request of theirs was let in."""
    try:
        db.one(who, permissions.TENANT_READ, ONE)
    except RateLimited:
        return False
    return True


def left(company: Company, bucket: str = "read") -> float | None:
    """What the database has left in a bucket; None where nobody has asked yet."""
    found = company.execute(
        "select tokens from app.allowances where tenant_id = %(tenant_id)s and bucket like %(bucket)s", bucket=bucket
    )
    return float(found[0][0]) if found else None


@contextmanager
def replaced(superuser: str, function: str, by: str) -> Iterator[None]:
    """Another function in its place for a while."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        [[source]] = connection.execute("select pg_get_functiondef(%s::regprocedure)", [function]).fetchall()
        connection.execute(by.encode())
        try:
            yield
        finally:
            connection.execute(source.encode())
