"""Concurrent indexes that survive a kill: PostgreSQL leaves an invalid one, and takes it for done the next time.

Source: https://www.postgresql.org/docs/18/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

import contextlib

import psycopg
from psycopg import sql

from freehold.database.migrations.failures import MigrationFailed
from freehold.database.migrations.files import Step

UNFINISHED = """
    select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = %(schema)s::regnamespace and not (i.indisvalid and i.indisready and i.indislive)
       and c.relname ~ ('^' || %(index)s || '(_cc(new|old)[0-9]*)?$')
"""
"""The index itself, and what a REINDEX of it left behind."""
FINISHED = """
    select i.indrelid::regclass::text, i.indisunique from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = %(schema)s::regnamespace and c.relname = %(index)s
       and i.indisvalid and i.indisready and i.indislive
"""


def create(connection: psycopg.Connection, step: Step) -> None:
    """Build it, unless an earlier try has finished it. Whatever happens, no invalid one stays while we live."""
    _drop_unfinished(connection, step)
    if not _is_finished(connection, step):
        try:
            connection.execute(step.sql.encode())
        except psycopg.Error:
            with contextlib.suppress(psycopg.Error):  # the first error counts; the next run begins by dropping it too
                _drop_unfinished(connection, step)
            raise
    if not _is_finished(connection, step):
        raise MigrationFailed(f"{step.names()['index']} was built and is not valid. Run it again.")


def drop(connection: psycopg.Connection, step: Step) -> None:
    """Drop it, and what a REINDEX of it left behind."""
    _drop_unfinished(connection, step)
    connection.execute(step.sql.encode())


def _drop_unfinished(connection: psycopg.Connection, step: Step) -> None:
    names = step.names()
    for (name,) in connection.execute(UNFINISHED, names).fetchall():
        unfinished = sql.Identifier(names["schema"], name)
        connection.execute(sql.SQL("drop index concurrently if exists {}").format(unfinished))


def _is_finished(connection: psycopg.Connection, step: Step) -> bool:
    """Raises MigrationFailed where another index has the name."""
    names = step.names()
    found = connection.execute(FINISHED, names).fetchone()
    if found and found != (names["table"], bool(names["unique"])):
        raise MigrationFailed(
            f"{names['schema']}.{names['index']} exists already and is another index. Name yours differently."
        )
    return bool(found)
