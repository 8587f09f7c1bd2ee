"""What the database remembers of migrations: those that ran, and the steps of one that is not done."""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from freehold.database.migrations.failures import MigrationChanged
from freehold.database.migrations.files import Migration, Step

EXISTS = """
    select count(*) = 2 from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'migrations' and c.relname in ('applied', 'steps')
"""
TABLES = """
    create schema if not exists migrations authorization freehold_owner;
    create table if not exists migrations.applied (
        name text primary key, checksum text not null, applied_at timestamptz not null default now());
    create table if not exists migrations.steps (
        name text, step integer, checksum text not null, done_at timestamptz not null default now(),
        primary key (name, step));
    comment on table migrations.applied is 'global: which migrations ran';
    comment on table migrations.steps is 'global: which steps ran of a migration that has some';
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """A migration that is not applied, and which of its steps are still to do."""

    migration: Migration
    steps: tuple[Step, ...]


def prepare(connection: psycopg.Connection) -> bool:
    """Make the tables where they are not; whether they were not, so that nobody has used the database yet."""
    if _exists(connection):
        return False
    with connection.transaction():
        connection.execute("set local role freehold_owner")
        connection.execute(TABLES)
    return True


def is_ahead(connection: psycopg.Connection, known: Iterable[Migration]) -> bool:
    """Whether a newer version of the code was here: something ran that this one does not know."""
    applied, done = _read(connection)
    return bool({*applied, *(name for name, _ in done)} - {migration.name for migration in known})


def missing(connection: psycopg.Connection, among: Iterable[Migration]) -> list[Missing]:
    """Which of these are not applied, in their order. Raises MigrationChanged, MigrationMalformed."""
    applied, done = _read(connection)
    found = []
    for migration in among:
        steps = migration.steps
        _require_unchanged(migration.name, applied.get(migration.name), migration.checksum)
        for step in steps:
            _require_unchanged(
                f"{migration.name}, {label(step)},", done.get((migration.name, step.number)), step.checksum
            )
        _require_none_taken_out(migration, [number for name, number in done if name == migration.name])
        if migration.name not in applied:
            left = tuple(step for step in steps if (migration.name, step.number) not in done)
            found.append(Missing(migration, left))
    return found


def record(connection: psycopg.Connection, migration: Migration, step: Step, *, last: bool) -> None:
    """Within the step's own transaction, where it has one. A migration without steps leaves one row, not two."""
    if step.title:
        connection.execute(
            "insert into migrations.steps (name, step, checksum) values (%s, %s, %s)",
            [migration.name, step.number, step.checksum],
        )
    if last:
        finish(connection, migration)


def finish(connection: psycopg.Connection, migration: Migration) -> None:
    """Every step of it ran."""
    connection.execute(
        "insert into migrations.applied (name, checksum) values (%s, %s)", [migration.name, migration.checksum]
    )


def label(step: Step) -> str:
    """How messages call a step."""
    return f"step {step.number} ({step.title})"


def _exists(connection: psycopg.Connection) -> bool:
    row = connection.execute(EXISTS).fetchone()
    return bool(row and row[0])


def _read(connection: psycopg.Connection) -> tuple[dict[str, str], dict[tuple[str, int], str]]:
    """Nothing where there are no tables yet: then everything is missing."""
    if not _exists(connection):
        return {}, {}
    with connection.transaction():
        connection.execute("set local role freehold_owner")
        applied = connection.execute("select name, checksum from migrations.applied").fetchall()
        steps = connection.execute("select name, step, checksum from migrations.steps").fetchall()
    return dict(applied), {(name, step): checksum for name, step, checksum in steps}


def _require_unchanged(what: str, ran: str | None, now: str) -> None:
    if ran not in {None, now}:
        raise MigrationChanged(f"{what} was edited after it ran. Put it back and write a new migration.")


def _require_none_taken_out(migration: Migration, done: list[int]) -> None:
    if gone := [number for number in done if number > len(migration.steps)]:
        raise MigrationChanged(f"{migration.name}, step {max(gone)}, was taken out after it ran. Put it back.")
