"""The one way into the database; nothing outside this package imports psycopg."""

from freehold.callers import (
    ActingCaller,
    Caller,
    Identity,
    KeyCaller,
    OperatorCaller,
    PersonCaller,
    ReportCaller,
    ScimCaller,
    Visitor,
    WorkerCaller,
)
from freehold.database.border import LeaseLost, Replay, TenantGone
from freehold.database.door import WITHIN
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
    stepwise,
    write,
)

__all__ = [
    "WITHIN",
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
    "ScimCaller",
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
    "stepwise",
    "write",
]
