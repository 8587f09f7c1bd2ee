"""Migrations on a database of their own: as no superuser, in order, once, and never edited afterwards."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from freehold.database.migrations import ADMIN, MIGRATOR, bootstrap, runner
from freehold.database.migrations.runner import (
    Migration,
    MigrationChanged,
    MigrationFailed,
    MigrationMisnamed,
    migrate,
    migrations,
    sql_files,
)
from local.database import Database
from local.postgres import Postgres, temporary

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def fresh() -> Iterator[Postgres]:
    with temporary() as server:
        yield server


@pytest.fixture(scope="module")
def database(fresh: Postgres) -> Database:
    Database(fresh).prepare()
    return Database(fresh)


class TestNames:
    def test_each_file_is_numbered_and_of_a_phase(self):
        files = [
            *ROOT.glob("layers/freehold/database/migrations/versions/*"),
            *ROOT.glob("layers/product/migrations/*"),
        ]
        assert [file.name for file in files if not re.fullmatch(r"\d{4}_[a-z_]+\.(pre|post)\.sql", file.name)] == []

    def test_the_platform_comes_first_and_each_in_order(self):
        names = [migration.name for migration in migrations()]
        sources = [name.partition("/")[0] for name in names]
        assert sources == sorted(sources, key=["freehold", "product"].index)
        numbers = [name.partition(".")[0] for name in names]
        assert numbers == [
            *sorted(n for n in numbers if "freehold" in n),
            *sorted(n for n in numbers if "product" in n),
        ]

    def test_the_pre_part_comes_before_the_post_part(self, tmp_path: Path):
        for name in ("0002_b.pre.sql", "0001_a.post.sql", "0001_a.pre.sql", "readme.txt"):
            (tmp_path / name).touch()
        assert [f.name for f in sql_files(tmp_path)] == ["0001_a.pre.sql", "0001_a.post.sql", "0002_b.pre.sql"]

    def test_a_misnamed_one_is_not_overlooked(self, tmp_path: Path):
        (tmp_path / "2_bad.sql").touch()
        with pytest.raises(MigrationMisnamed, match=r"2_bad\.sql must be named like"):
            sql_files(tmp_path)


class TestRunner:
    def test_applies_everything_once(self, database: Database):
        assert database.prepare() == []
        with psycopg.connect(database.server.conninfo(user="postgres", database="freehold")) as connection:
            applied = [name for (name,) in connection.execute("select name from migrations.applied order by name")]
        assert applied == sorted(migration.name for migration in migrations())

    def test_runs_as_no_superuser(self, database: Database):
        with psycopg.connect(database.server.conninfo(user="postgres", database="freehold")) as connection:
            roles = connection.execute(
                "select rolname from pg_roles where (rolsuper or rolbypassrls) and rolname like 'freehold%'"
            ).fetchall()
            owners = connection.execute(
                "select distinct c.relowner::regrole::text from pg_class c"
                " where c.relnamespace in ('app'::regnamespace, 'directory'::regnamespace)"
            ).fetchall()
        assert roles == []
        assert owners == [("freehold_owner",)]

    def test_runs_the_pre_part_without_the_post_part(self, database: Database):
        pre, post = Migration("test/0001_a.pre", "select 1"), Migration("test/0001_a.post", "select 1")
        both = [pre, post]
        conninfo = database.conninfo_of(MIGRATOR)
        assert migrate(conninfo, among=[m for m in both if m.name.endswith(".pre")]) == [pre.name]
        assert migrate(conninfo, among=both) == [post.name]

    def test_one_that_fails_leaves_nothing_and_runs_again(self, database: Database):
        conninfo = database.conninfo_of(MIGRATOR)
        broken = Migration("test/0002_b.pre", "create table app.half (id int); select 1 / 0")
        with pytest.raises(MigrationFailed, match=r"0002_b.*division by zero"):
            migrate(conninfo, among=[broken])
        mended = Migration("test/0002_b.pre", "create table app.half (id int)")
        assert migrate(conninfo, among=[mended]) == [mended.name]

    def test_one_that_was_edited_is_refused(self, database: Database):
        conninfo = database.conninfo_of(MIGRATOR)
        migrate(conninfo, among=[Migration("test/0003_c.pre", "select 1")])
        with pytest.raises(MigrationChanged, match="0003_c"):
            migrate(conninfo, among=[Migration("test/0003_c.pre", "select 2")])

    def test_a_table_that_a_migration_makes_is_closed_to_request_roles(self, database: Database):
        migrate(database.conninfo_of(MIGRATOR), among=[Migration("test/0004_d.pre", "create table app.d (id int)")])
        with psycopg.connect(database.conninfo_of("freehold_api"), autocommit=True) as connection:
            for sql in ("select * from app.d", "insert into app.d values (1)", "drop table app.d"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql)


class TestLocks:
    def test_a_table_in_use_is_waited_for(self, database: Database, monkeypatch):
        monkeypatch.setattr(runner, "PAUSE", 0.1)
        conninfo = database.conninfo_of(MIGRATOR)
        migrate(conninfo, among=[Migration("test/0010_a.pre", "create table app.busy (id int)")])
        with psycopg.connect(database.server.conninfo(user="postgres", database="freehold")) as holder:
            holder.execute("lock table app.busy")
            threading.Timer(4, holder.commit).start()
            migrate(conninfo, among=[Migration("test/0011_b.pre", "alter table app.busy add column x int")])

    def test_one_that_stays_in_use_is_named_and_nothing_is_broken(self, database: Database, monkeypatch):
        monkeypatch.setattr(runner, "TRIES", 1)
        conninfo = database.conninfo_of(MIGRATOR)
        migrate(conninfo, among=[Migration("test/0012_a.pre", "create table app.used (id int)")])
        with psycopg.connect(database.server.conninfo(user="postgres", database="freehold")) as holder:
            holder.execute("lock table app.used")
            with pytest.raises(MigrationFailed, match=r"0013_b.*Nothing is broken"):
                migrate(conninfo, among=[Migration("test/0013_b.pre", "alter table app.used add column x int")])

    def test_another_run_is_waited_for_and_then_named(self, database: Database, monkeypatch):
        monkeypatch.setattr(runner, "PATIENCE", "200ms")
        with psycopg.connect(database.conninfo_of(MIGRATOR)) as other:
            other.execute(runner.ONE_AT_A_TIME)
            with pytest.raises(MigrationFailed, match="Another run of the migrations"):
                migrate(database.conninfo_of(MIGRATOR))


class TestBootstrap:
    def test_may_be_run_again(self, database: Database):
        bootstrap(database.server.conninfo(user=ADMIN), {})

    def test_leaves_the_administrator_outside(self, database: Database):
        with psycopg.connect(database.conninfo_of(ADMIN), autocommit=True) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select * from app.tenants")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("set role freehold_owner")

    def test_a_request_role_can_make_nothing(self, database: Database):
        with psycopg.connect(database.conninfo_of("freehold_api"), autocommit=True) as connection:
            for sql in (
                "create table public.x (id int)",
                "create table app.x (id int)",
                "create temp table x (id int)",
                "create schema x",
                "set role freehold_owner",
                "select * from app.audit",
                "select * from directory.memberships",
                "select * from migrations.applied",
                "select app.open('01a1fac8-0000-7000-8000-000000000000', '', '')",
                "alter table app.projects no force row level security",
                "truncate app.projects",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql)
