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
    select i.indexrelid, i.indrelid::regclass::text, i.indisunique
      from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = %(schema)s::regnamespace and c.relname = %(index)s
       and i.indisvalid and i.indisready and i.indislive
"""
SHADOW = "freehold_shadow"
SAME = """
    select regexp_replace(pg_get_indexdef(%(index)s), '^.*? USING ', '')
         = (select regexp_replace(pg_get_indexdef(indexrelid), '^.*? USING ', '') from pg_index
             where indrelid = %(shadow)s::regclass)
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
    """Raises MigrationFailed where another index has the name: also one of an earlier text of the step."""
    names = step.names()
    found = connection.execute(FINISHED, names).fetchone()
    if found and (found[1:] != (names["table"], bool(names["unique"])) or not _is_as_said(connection, step, found[0])):
        raise MigrationFailed(
            f"{names['schema']}.{names['index']} exists already and is another index: name yours differently, or drop"
            " that one in a step before."
        )
    return bool(found)


def _is_as_said(connection: psycopg.Connection, step: Step, index: int) -> bool:
    """Compares it with one that the step's words make on an empty table, of which nothing stays."""
    with connection.transaction(force_rollback=True):
        shadow = sql.SQL("create table {} (like {})").format(
            sql.Identifier(step.names()["schema"], SHADOW), sql.SQL(step.names()["table"])
        )
        connection.execute(shadow)
        connection.execute(step.elsewhere(SHADOW).encode())
        row = connection.execute(SAME, {"index": index, "shadow": f"{step.names()['schema']}.{SHADOW}"}).fetchone()
    return bool(row and row[0])
