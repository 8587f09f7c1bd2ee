"""Applies migrations in order, each in a transaction of its own, and remembers which ones ran.

A migration is `NNNN_name.pre.sql` (runs before new code) or `NNNN_name.post.sql` (after it, when the old code is gone).
The platform's come first, then the product's. They run as the owner role, reached from a login that is no superuser.
"""

import hashlib
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from typing import Literal, get_args

import psycopg
from psycopg import sql

from freehold.database.connection import DEAD_PEER

type Phase = Literal["pre", "post", "all"]

PHASES: tuple[str, ...] = get_args(Phase.__value__)

SOURCES = (("freehold", "freehold.database.migrations", "versions"), ("product", "product", "migrations"))
NAME = re.compile(r"\d{4}_[a-z0-9_]+\.(pre|post)\.sql")
ONE_AT_A_TIME = "select pg_advisory_lock(hashtextextended('freehold migrations', 0))"
PATIENCE = "60s"
"""For another run to end. One that was killed holds its lock until the server notices."""
TRIES, PAUSE = 5, 2.0  # seconds
BOOKKEEPING = """
    create schema if not exists migrations authorization freehold_owner;
    create table if not exists migrations.applied (
        name text primary key, checksum text not null, applied_at timestamptz not null default now())
"""


class MigrationChanged(Exception):
    """A migration was edited after it ran. Put it back as it was and write a new one."""


class MigrationFailed(Exception):
    """A migration could not be applied; nothing of it was. Mend it and run it again."""


class UnknownPhase(Exception):
    """A phase was asked for that does not exist."""


class MigrationMisnamed(Exception):
    """A migration's name says neither its place nor its phase."""


@dataclass(frozen=True, slots=True)
class Migration:
    """`name` is like `freehold/0001_foundation.pre`."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Of the text that ran."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(phase: Phase = "all") -> list[Migration]:
    """Every migration of a phase, in the order in which they run. Raises UnknownPhase."""
    if phase not in PHASES:
        raise UnknownPhase(f"{phase!r} is no phase: choose one of {', '.join(PHASES)}.")
    found = [
        Migration(f"{source}/{file.name.removesuffix('.sql')}", file.read_text())
        for source, package, folder in SOURCES
        if find_spec(package)
        for file in sql_files(files(package) / folder)
    ]
    return [migration for migration in found if phase == "all" or migration.name.endswith(f".{phase}")]


def migrate(conninfo: str, phase: Phase = "all", *, among: Iterable[Migration] | None = None) -> list[str]:
    """Apply what is missing and return its names. Raises MigrationChanged, MigrationFailed, MigrationMisnamed."""
    with psycopg.connect(conninfo, autocommit=True, **DEAD_PEER) as connection:
        _take_turn(connection)
        applied = _applied(connection)
        todo = list(among) if among is not None else migrations(phase)
        for migration in todo:
            if applied.get(migration.name, migration.checksum) != migration.checksum:
                raise MigrationChanged(
                    f"{migration.name} was edited after it ran. Put it back and write a new migration."
                )
        return [_apply(connection, migration) for migration in todo if migration.name not in applied]


def sql_files(folder: Traversable) -> list[Traversable]:
    """By number, and of one number the *pre* part before the *post* part."""
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    for file in found:
        if not NAME.fullmatch(file.name):
            raise MigrationMisnamed(
                f"{file.name} must be named like 0002_milestones.pre.sql or 0002_milestones.post.sql."
            )
    return sorted(found, key=lambda file: (file.name.partition(".")[0], ".post." in file.name))


def _take_turn(connection: psycopg.Connection) -> None:
    connection.execute(sql.SQL("set lock_timeout = {}").format(PATIENCE))
    try:
        connection.execute(ONE_AT_A_TIME)
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationFailed(
            f"Another run of the migrations has not ended within {PATIENCE}: pg_locks says whose. Then deploy again."
        ) from error
    connection.execute("reset lock_timeout")


def _applied(connection: psycopg.Connection) -> dict[str, str]:
    with connection.transaction():
        connection.execute("set local role freehold_owner")
        connection.execute(BOOKKEEPING)
        return dict(connection.execute("select name, checksum from migrations.applied").fetchall())


def _apply(connection: psycopg.Connection, migration: Migration) -> str:
    """Whoever waits for a lock makes everybody behind wait as well: so briefly, and again a little later."""
    for left in reversed(range(TRIES)):
        try:
            with connection.transaction():
                _run(connection, migration)
        except psycopg.errors.LockNotAvailable as error:
            if not left:
                raise MigrationFailed(
                    f"{migration.name} found its tables in use, {TRIES} times. Nothing is broken: deploy again."
                ) from error
            time.sleep(PAUSE)
        except psycopg.Error as error:
            raise MigrationFailed(f"{migration.name} could not be applied, and nothing of it was: {error}") from error
        else:
            break
    return migration.name


def _run(connection: psycopg.Connection, migration: Migration) -> None:
    connection.execute("set local role freehold_owner")
    connection.execute("set local search_path = pg_catalog")
    connection.execute("set local lock_timeout = '3s'")
    connection.execute(migration.sql.encode())
    connection.execute("set local role freehold_owner")
    connection.execute(
        "insert into migrations.applied (name, checksum) values (%s, %s)", [migration.name, migration.checksum]
    )
