"""The one way into the database; nothing outside this package imports psycopg."""

from freehold.callers import Caller, Identity, KeyCaller, PersonCaller, ReportCaller, ScimCaller, Visitor, WorkerCaller
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
    stepwise,
    write,
)

__all__ = [
    "Answer",
    "Caller",
    "Database",
    "Identity",
    "KeyCaller",
    "LeaseLost",
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
