"""The one way into the database; nothing outside this package imports psycopg."""

from freehold.callers import Caller, Identity, KeyCaller, PersonCaller, Visitor
from freehold.database.session import Database, Transaction, database
from freehold.database.statement import (
    Answer,
    Query,
    Remembered,
    Statement,
    Write,
    every,
    lone,
    one,
    page,
    write,
)

__all__ = [
    "Answer",
    "Caller",
    "Database",
    "Identity",
    "KeyCaller",
    "PersonCaller",
    "Query",
    "Remembered",
    "Statement",
    "Transaction",
    "Visitor",
    "Write",
    "database",
    "every",
    "lone",
    "one",
    "page",
    "write",
]
