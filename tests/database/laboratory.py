"""Databases in one state after another, for what has to be tried on each: copied from a template in a moment."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg

from freehold.database.gate import violations
from freehold.database.migrations import ADMIN, LOGINS, MIGRATOR
from freehold.database.migrations.files import Migration, sql_files
from local.postgres import SUPERUSER, Postgres
from local.schema_dump import schema

EXAMPLES = [
    Migration(f"test/{file.name.removesuffix('.sql')}", file.read_text())
    for file in sql_files(Path(__file__).parent / "examples")
]
ENTERED = """
    select set_config('app.tenant_id', %s, true), set_config('app.principal', 'test', true),
           set_config('app.request_id', 'test', true), set_config('app.address', 'test', true)
"""
REMEMBERED = """
    select 'applied', name, 0, checksum from migrations.applied union all
    select 'step', name, step, checksum from migrations.steps order by 1, 2, 3
"""
WRITTEN_BY_MIGRATIONS = """
    select oid::regclass::text from pg_class
     where relkind in ('r', 'p') and not relispartition and not relisshared
       and (relnamespace = 'pg_catalog'::regnamespace and relname !~ 'statistic|largeobject'
            or relnamespace::regnamespace::text in ('app', 'directory', 'migrations'))
     order by 1
"""
NAMES = count()


class Laboratory:
    """On one server, whose databases are named by number."""

    def __init__(self, server: Postgres) -> None:
        self.server = server

    def copy(self, of: str = "template0") -> str:
        """The name of a new database, owned and closed as bootstrap leaves one."""
        name = f"copy_{next(NAMES)}"
        logins = ", ".join((ADMIN, *LOGINS))
        with self.connect("postgres") as connection:
            connection.execute(f"create database {name} owner freehold_owner template {of}")
            connection.execute(f"revoke all on database {name} from public")
            connection.execute(f"grant connect on database {name} to {logins}")
        with self.connect(name) as connection:
            connection.execute("revoke all on schema public from public")
        return name

    def drop(self, name: str) -> None:
        with self.connect("postgres") as connection:
            connection.execute(f"drop database {name} with (force)")

    @contextmanager
    def copied(self, of: str) -> Iterator[str]:
        name = self.copy(of)
        yield name
        self.drop(name)

    def connect(self, name: str, **options: str) -> psycopg.Connection:
        """As the superuser, committing each statement."""
        where = self.server.conninfo(user=SUPERUSER, database=name)
        return psycopg.connect(where, autocommit=True, **options)

    def migrator(self, name: str) -> str:
        return self.server.conninfo(user=MIGRATOR, database=name)

    def fill(self, name: str, *, tenants: int = 2, notes: int = 8) -> None:
        """Tenants with notes."""
        with self.connect(name) as connection:
            for _ in range(tenants):
                with connection.transaction():
                    tenant = str(uuid4())
                    connection.execute(ENTERED, [tenant])
                    connection.execute("insert into app.tenants (id, name) values (%s, 'Some')", [tenant])
                    connection.execute(
                        "insert into app.notes (tenant_id, body) select %s, 'b' from generate_series(1, %s)",
                        [tenant, notes],
                    )

    def state(self, name: str) -> tuple[str, list]:
        """The whole schema, and what is remembered of migrations."""
        with self.connect(name) as connection:
            exists = connection.execute("select to_regclass('migrations.steps') is not null").fetchone()[0]
            remembered = connection.execute(REMEMBERED).fetchall() if exists else []
        return schema(self.server, name), remembered

    def fingerprint(self, name: str) -> list:
        """Of every row of the catalog, and of ours: who wrote it. What was rolled back leaves no trace."""
        with self.connect(name) as connection:
            tables = [table for (table,) in connection.execute(WRITTEN_BY_MIGRATIONS).fetchall()]
            rows = "select count(*), sum(hashtextextended(ctid::text || xmin::text, 0)) from"
            return [(table, *connection.execute(f"{rows} {table}").fetchone()) for table in tables]

    def faults(self, name: str) -> list[str]:
        """Invalid indexes, rows that a backfill has missed, and what the gate says."""
        with self.connect(name) as connection:
            invalid = connection.execute("select indexrelid::regclass::text from pg_index where not indisvalid")
            found = [f"{index} is invalid" for (index,) in invalid.fetchall()]
            slug = "select from pg_attribute where attrelid = to_regclass('app.notes') and attname = 'slug'"
            if connection.execute(slug).rowcount:
                missed = connection.execute("select count(*) from app.notes where slug is null").fetchone()[0]
                found += [f"{missed} rows without a slug"] * bool(missed)
        with psycopg.connect(self.migrator(name)) as connection:
            connection.execute("set role freehold_owner")
            return found + [violation.sentence for violation in violations(connection)]


HIDDEN = re.compile(r"--[^\n]*|(?P<tag>\$\w*\$).*?(?P=tag)|'(?:[^']|'')*'", re.DOTALL)
ENDS = "\nset local transaction_timeout = '1ms'; select pg_catalog.pg_sleep(5);\n"
"""The server ends the backend that says this."""


def places(sql: str) -> list[int]:
    """Where a statement ends; and the beginning, where nothing has happened yet."""
    shown = HIDDEN.sub(lambda found: re.sub(r"[^\n]", "x", found[0]), sql)
    return [0, *(place + 1 for place, character in enumerate(shown) if character == ";")]


def killed_at(migration: Migration, place: int) -> Migration:
    """The same migration, in which the backend ends there."""
    return Migration(migration.name, migration.sql[:place] + ENDS + migration.sql[place:])
