"""Migrations on a database of their own: as no superuser, in order, once, and never edited afterwards."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from freehold.database.migrations import ADMIN, MIGRATOR, bootstrap, patience, plan, runner
from freehold.database.migrations.failures import (
    MigrationChanged,
    MigrationFailed,
    MigrationMalformed,
    MigrationMisnamed,
    UnknownPhase,
)
from freehold.database.migrations.files import Migration, Step, migrations, sql_files
from freehold.database.migrations.runner import migrate
from local.database import Database
from local.postgres import Postgres, temporary
from local.schema_dump import schema

ROOT = Path(__file__).parents[2]
SOME = "create table app.{0} (id int); comment on table app.{0} is 'global: a test makes it';"
"""A table that passes the gate."""


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
            *ROOT.glob("layers/freehold/database/migrations/versions/*.sql"),
            *ROOT.glob("layers/product/migrations/*.sql"),
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
        broken = Migration("test/0002_b.pre", SOME.format("half") + "select 1 / 0")
        with pytest.raises(MigrationFailed, match=r"0002_b.*division by zero"):
            migrate(conninfo, among=[broken])
        mended = Migration("test/0002_b.pre", SOME.format("half"))
        assert migrate(conninfo, among=[mended]) == [mended.name]

    @pytest.mark.parametrize(
        ("sql", "hint"),
        [
            ("create table without_a_schema (id uuid)", "Write the schema in front"),
            ("update app.projects set name = 'x'", "app.backfill"),
            ("alter table app.projects add foreign key (id) references app.members (id)", "the whole key"),
        ],
    )
    def test_the_likeliest_mistakes_come_with_what_to_do(self, database: Database, sql: str, hint: str):
        with pytest.raises(MigrationFailed, match=hint):
            migrate(database.conninfo_of(MIGRATOR), among=[Migration("test/0009_m.pre", sql)])

    def test_one_that_was_edited_is_refused(self, database: Database):
        conninfo = database.conninfo_of(MIGRATOR)
        migrate(conninfo, among=[Migration("test/0003_c.pre", "select 1")])
        with pytest.raises(MigrationChanged, match="0003_c"):
            migrate(conninfo, among=[Migration("test/0003_c.pre", "select 2")])

    def test_a_table_that_a_migration_makes_is_closed_to_request_roles(self, database: Database):
        migrate(database.conninfo_of(MIGRATOR), among=[Migration("test/0004_d.pre", SOME.format("zebras"))])
        with psycopg.connect(database.conninfo_of("freehold_api"), autocommit=True) as connection:
            for sql in ("select * from app.zebras", "insert into app.zebras values (1)", "drop table app.zebras"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql)


class TestPlan:
    def test_of_a_database_without_any_is_everything_and_makes_nothing(self, fresh: Postgres):
        with psycopg.connect(fresh.conninfo(user="postgres"), autocommit=True) as connection:
            connection.execute("create database empty owner freehold_owner")
        conninfo = fresh.conninfo(user=MIGRATOR, database="empty")
        assert [missing.migration for missing in plan(conninfo)] == migrations()
        with psycopg.connect(conninfo) as connection:
            assert connection.execute("select from pg_namespace where nspname = 'migrations'").fetchall() == []

    def test_names_the_steps_that_are_left(self, database: Database):
        sql = "-- step: one\nselect 1;\n-- step: two\nselect 1 / 0;\n-- step: three\nselect 3;"
        halfway = Migration("test/0020_halfway.pre", sql)
        conninfo = database.conninfo_of(MIGRATOR)
        with pytest.raises(MigrationFailed, match=r"step 2 \(two\), could not be applied.*the steps before it stay"):
            migrate(conninfo, among=[halfway])
        [missing] = plan(conninfo, among=[halfway])
        assert [step.title for step in missing.steps] == ["two", "three"]
        mended = Migration(halfway.name, sql.replace("1 / 0", "2"))
        assert migrate(conninfo, among=[mended]) == [mended.name]
        assert plan(conninfo, among=[mended]) == []

    def test_of_a_phase_that_does_not_exist_is_refused(self, database: Database):
        with pytest.raises(UnknownPhase, match="'Pre' is no phase"):
            plan(database.conninfo_of(MIGRATOR), "Pre")


class TestSteps:
    def test_one_that_ran_may_not_be_edited_while_the_rest_may(self, database: Database):
        conninfo = database.conninfo_of(MIGRATOR)
        sql = "-- step: one\nselect 1;\n-- step: two\nselect 1 / 0;"
        with pytest.raises(MigrationFailed):
            migrate(conninfo, among=[Migration("test/0021_a.pre", sql)])
        with pytest.raises(MigrationChanged, match=r"step 1 \(one\), was edited after it ran"):
            migrate(conninfo, among=[Migration("test/0021_a.pre", sql.replace("select 1;", "select 7;"))])

    @pytest.mark.parametrize(
        ("sql", "says"),
        [
            ("select 1;\n-- step: one\nselect 1;", "above its first"),
            ("create index concurrently a on app.members (tenant_id)", "needs a line `-- step"),
            ("-- step: a\ncreate index concurrently a on app.members (tenant_id); select 1", "not alone"),
            ("-- step: a\ncreate index concurrently on app.members (tenant_id)", "not in one of these forms"),
            ("-- step: a\ndrop index concurrently app.a", "not in one of these forms"),
            ("-- step: a\nselect 1; call app.backfill('app.members', 'a', 'b')", "not alone"),
            ("-- step: a\nCALL app.backfill('a', 'b', 'c'); call app.backfill('d', 'e', 'f');", "not alone"),
            ("-- step: a\nCreate Index Concurrently on app.members (tenant_id)", "not in one of these forms"),
        ],
    )
    def test_what_cannot_run_as_it_stands_is_refused_before_anything_runs(
        self, database: Database, sql: str, says: str
    ):
        with pytest.raises(MigrationMalformed, match=says):
            migrate(database.conninfo_of(MIGRATOR), among=[Migration("test/0022_a.pre", sql)])

    @pytest.mark.parametrize(
        ("sql", "kind"),
        [
            ("Call App.Backfill('a', 'b', 'c''; d'); -- why", "procedure"),
            ("/* why */ call app.validate_reference('a', $$b$$)", "procedure"),
            ("CREATE UNIQUE INDEX CONCURRENTLY a ON app.b (c) where d <> '--'; -- why", "create index"),
            ("drop index concurrently if exists app.a -- why", "drop index"),
            ("select 'call app.backfill()'; -- create index concurrently", "transaction"),
        ],
    )
    def test_say_how_they_run(self, sql: str, kind: str):
        assert Step(1, "", sql).kind == kind

    def test_one_that_ends_its_transaction_by_itself_is_refused(self, database: Database):
        own = Migration("test/0024_a.pre", "select 1; commit")
        with pytest.raises(MigrationFailed, match=r"0024_a\.pre ends its transaction by itself"):
            migrate(database.conninfo_of(MIGRATOR), among=[own])

    def test_the_last_one_that_failed_may_be_taken_out(self, database: Database):
        conninfo = database.conninfo_of(MIGRATOR)
        sql = "-- step: one\nselect 1;\n"
        with pytest.raises(MigrationFailed):
            migrate(conninfo, among=[Migration("test/0025_a.pre", sql + "-- step: two\nselect 1 / 0;")])
        less = Migration("test/0025_a.pre", sql)
        assert migrate(conninfo, among=[less]) == [less.name]
        assert plan(conninfo, among=[less]) == []

    def test_one_that_ran_may_not_be_taken_out(self, database: Database):
        conninfo = database.conninfo_of(MIGRATOR)
        sql = "-- step: one\nselect 1;\n"
        steps = "-- step: two\nselect 2;\n-- step: three\nselect 1 / 0;"
        with pytest.raises(MigrationFailed):
            migrate(conninfo, among=[Migration("test/0026_a.pre", sql + steps)])
        with pytest.raises(MigrationChanged, match="step 2, was taken out after it ran"):
            migrate(conninfo, among=[Migration("test/0026_a.pre", sql)])

    def test_know_where_they_begin(self):
        steps = Migration(
            "test/0023_a.pre", "-- What for.\n\n-- step: one\nselect 1;\n\n-- step:  two \nselect 2;\n"
        ).steps
        assert [(step.number, step.title, step.line) for step in steps] == [(1, "one", 3), (2, "two", 6)]


class TestGate:
    def test_refuses_a_migration_whole_and_says_what_to_add(self, database: Database):
        forgot = Migration("test/0030_forgot.pre", "create table app.forgot (tenant_id uuid, id uuid)")
        with pytest.raises(
            MigrationFailed, match=r"(?s)nothing of it was applied.*app\.forgot.*call app\.tenant_table"
        ) as said:
            migrate(database.conninfo_of(MIGRATOR), among=[forgot])
        assert "app.members" not in str(said.value)
        assert plan(database.conninfo_of(MIGRATOR), among=[forgot]) != []
        with psycopg.connect(database.server.conninfo(user="postgres", database="freehold")) as connection:
            assert connection.execute("select to_regclass('app.forgot')").fetchone() == (None,)

    def test_refuses_whichever_step_of_several_it_is(self, database: Database):
        table = "create table app.late (tenant_id uuid, id uuid);"
        late = Migration(
            "test/0031_late.pre", f"-- step: one\nselect 1;\n-- step: two\n{table}\n-- step: three\nselect 3;"
        )
        with pytest.raises(MigrationFailed, match=r"step 2 \(two\), was refused"):
            migrate(database.conninfo_of(MIGRATOR), among=[late])
        mended = Migration(late.name, late.sql.replace(table, "select 2;"))
        assert migrate(database.conninfo_of(MIGRATOR), among=[mended]) == [late.name]

    def test_refuses_a_run_that_finds_what_somebody_changed_by_hand(self, database: Database):
        with psycopg.connect(
            database.server.conninfo(user="postgres", database="freehold"), autocommit=True
        ) as by_hand:
            by_hand.execute("alter table app.projects no force row level security")
            with pytest.raises(MigrationFailed, match=r"(?s)breaks rules of the gate.*app\.projects"):
                migrate(database.conninfo_of(MIGRATOR), among=[])
            by_hand.execute("alter table app.projects force row level security")
            assert migrate(database.conninfo_of(MIGRATOR), among=[]) == []


class TestGoingBack:
    """CloudFormation's rollback runs the version before, on what the newer one has left."""

    NEWER = Migration(
        "test/0032_newer.pre",
        "-- step: one\nalter table app.projects add constraint newer check (name <> '') not valid;\n"
        "-- step: two\nselect 1 / 0;",
    )

    @pytest.fixture
    def halfway(self, fresh: Postgres, database: Database) -> Iterator[str]:
        with psycopg.connect(fresh.conninfo(user="postgres"), autocommit=True) as connection:
            connection.execute("drop database if exists halfway with (force)")
            connection.execute("create database halfway owner freehold_owner")
            connection.execute("revoke all on database halfway from public")
        with psycopg.connect(fresh.conninfo(user="postgres", database="halfway"), autocommit=True) as connection:
            connection.execute("revoke all on schema public from public")
            connection.execute("grant connect on database halfway to freehold_migrator")
            conninfo = fresh.conninfo(user=MIGRATOR, database="halfway")
            migrate(conninfo)
            yield conninfo

    def test_to_the_version_before_finds_nothing_wrong(self, halfway: str):
        with pytest.raises(MigrationFailed, match=r"step 2 \(two\)"):
            migrate(halfway, among=[*migrations(), self.NEWER])
        assert migrate(halfway, "pre") == []

    def test_the_control_the_newest_version_judges(self, halfway: str, fresh: Postgres):
        with psycopg.connect(fresh.conninfo(user="postgres", database="halfway"), autocommit=True) as by_hand:
            by_hand.execute("alter table app.projects add constraint hand check (name <> '') not valid")
        with pytest.raises(MigrationFailed, match="breaks rules of the gate"):
            migrate(halfway, "pre")


class TestSchema:
    def test_the_migrations_add_up_to_the_committed_one(self):
        with temporary() as server:
            Database(server).prepare()
            assert (ROOT / "docs/reference/schema.sql").read_text() == schema(server), "run: make docs"

    def test_the_control_a_column_more_would_be_seen(self, database: Database):
        before = schema(database.server)
        migrate(
            database.conninfo_of(MIGRATOR), among=[Migration("test/0040_a.pre", "alter table app.projects add x int")]
        )
        assert schema(database.server) != before


class TestLocks:
    def test_a_table_in_use_is_waited_for(self, database: Database):
        conninfo = database.conninfo_of(MIGRATOR)
        migrate(conninfo, among=[Migration("test/0010_a.pre", SOME.format("busy"))])
        with psycopg.connect(database.server.conninfo(user="postgres", database="freehold")) as holder:
            holder.execute("lock table app.busy")
            threading.Timer(1.5, holder.commit).start()
            migrate(conninfo, among=[Migration("test/0011_b.pre", "alter table app.busy add column x int")])

    def test_one_that_stays_in_use_is_named_and_nothing_is_broken(self, database: Database, monkeypatch):
        monkeypatch.setattr(patience, "LONGEST", 0)
        conninfo = database.conninfo_of(MIGRATOR)
        migrate(conninfo, among=[Migration("test/0012_a.pre", SOME.format("used"))])
        with psycopg.connect(database.server.conninfo(user="postgres", database="freehold")) as holder:
            holder.execute("lock table app.used")
            with pytest.raises(MigrationFailed, match=r"0013_b.*Nothing is broken"):
                migrate(conninfo, among=[Migration("test/0013_b.pre", "alter table app.used add column x int")])

    def test_another_run_is_waited_for_and_then_named(self, database: Database, monkeypatch):
        monkeypatch.setattr(runner, "TURN", 0.2)
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
                "select * from app.audit_seals",
                "delete from app.audit_seals",
                "select * from directory.memberships",
                "select * from migrations.applied",
                "select app.open('01a1fac8-0000-7000-8000-000000000000', '', '')",
                "alter table app.projects no force row level security",
                "truncate app.projects",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql)
