"""The one way into the database; nothing outside this package imports psycopg."""

from freehold.callers import (
    ActingCaller,
    Caller,
    Identity,
    KeyCaller,
    OperatorCaller,
    PersonCaller,
    ReportCaller,
    Visitor,
    WorkerCaller,
)
from freehold.database.border import LeaseLost, Replay, TenantGone
from freehold.database.session import Database, Transaction, Works, database
from freehold.database.statement import (
    Answer,
    Query,
    Remembered,
    Statement,
    Write,
    done,
    every,
    lone,
    one,
    page,
    write,
)

__all__ = [
    "ActingCaller",
    "Answer",
    "Caller",
    "Database",
    "Identity",
    "KeyCaller",
    "LeaseLost",
    "OperatorCaller",
    "PersonCaller",
    "Query",
    "Remembered",
    "Replay",
    "ReportCaller",
    "Statement",
    "TenantGone",
    "Transaction",
    "Visitor",
    "WorkerCaller",
    "Works",
    "Write",
    "database",
    "done",
    "every",
    "lone",
    "one",
    "page",
    "write",
]
