"""A migration that is killed, at whatever statement, is run again, and leads where an undisturbed run leads."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from freehold.database.migrations import runner
from freehold.database.migrations.files import MARK, Migration, migrations
from freehold.database.migrations.runner import MigrationFailed, migrate
from local.database import Database
from local.postgres import Postgres, temporary
from local.project import ROOT
from tests.database.laboratory import EXAMPLES, Laboratory, killed_at, places
from tests.database.scissors import Scissors

OURS = migrations()
TABLE, SLUGS, REFERENCES, OLD = EXAMPLES
TIMES = int(os.environ.get("MIGRATION_KILLS", "1"))
"""How many times as many kills as come with every test run; 4 is nearly all commands."""
BACKFILLS = next(migration for migration in OURS if migration.name == "freehold/0006_backfills.pre")
TRIED = OURS if TIMES > 1 else [OURS[0], BACKFILLS, *OURS[-7:]]
"""An older one never changes: it has been killed in every way, and the nightly run kills it again."""
WHOLE = [migration for migration in [*TRIED, TABLE] if not MARK.search(migration.sql)]
STEPPED = [migration for migration in TRIED if migration not in WHOLE]
STEPPED_EXAMPLES = [migration for migration in EXAMPLES if migration not in WHOLE]
KILLER = """
    create schema killer;
    create sequence killer.calls;
    create table killer.plan (at bigint);
    create function killer.strike() returns void language plpgsql security definer as $$
    begin
        if session_user = 'freehold_migrator' and nextval('killer.calls') = (select at from killer.plan) then
            perform pg_terminate_backend(pg_backend_pid());
        end if;
    end $$;
    create function killer.on_ddl() returns event_trigger language plpgsql security definer as
        $$ begin perform killer.strike(); end $$;
    create function killer.on_rows() returns trigger language plpgsql security definer as
        $$ begin perform killer.strike(); return null; end $$;
    create event trigger killer on ddl_command_end execute function killer.on_ddl();
    do $$ begin
        create trigger killer after update on app.notes execute function killer.on_rows();
    exception when undefined_table then null;
    end $$;
"""
"""Strikes at the end of the n-th command, whether a migration or a procedure that it calls says it, and of the n-th
batch. At its beginning the same is committed."""
DISARM = "set client_min_messages = error; drop event trigger killer; drop schema killer cascade"
MOST = 200
"""So often a loop goes round at most."""
KILLS: list[int] = []
"""One for each backend that was ended and whose database came right."""
BUILDS = "select pid from pg_stat_progress_create_index where phase = '{}'"
GOES = "select pid from pg_stat_activity where query like '%drop index concurrently%' and wait_event_type = 'Lock'"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with temporary() as server:
        Database(server).make_roles()
        yield server


@pytest.fixture(scope="module")
def laboratory(server: Postgres) -> Laboratory:
    return Laboratory(server)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, tuple]:
    """By migration, the state that it leads to."""
    return {}


@pytest.fixture(scope="module")
def before(laboratory: Laboratory, undisturbed: dict[str, tuple]) -> dict[str, str]:
    """A template by migration: the state in which it finds the database."""
    found, name, between = {}, laboratory.copy(), []
    for migration in [*OURS, *EXAMPLES]:
        if migration is SLUGS:
            laboratory.fill(name)
        if migration not in (*TRIED, *EXAMPLES):
            between.append(migration)
            continue
        migrate(laboratory.migrator(name), among=between)
        between = []
        found[migration.name] = laboratory.copy(of=name)
        migrate(laboratory.migrator(name), among=[migration])
        undisturbed[migration.name] = laboratory.state(name)
    found["after all"] = name
    return found


def run(laboratory: Laboratory, name: str, migration: Migration) -> bool:
    """Whether it came through; False when its backend was ended."""
    try:
        migrate(laboratory.migrator(name), among=[migration])
    except (MigrationFailed, psycopg.OperationalError) as error:
        if "lost its connection" not in str(error):
            raise
        return False
    return True


AT_MOST = 4 * TIMES
"""About so many commands of a migration that is one transaction: each is the same rollback."""
AT_MOST_OF_A_STEP = TIMES
STRIDE = max(1, 4 // TIMES)
"""Where there are many places, a kill comes at one in so many."""


class TestOurs:
    @pytest.mark.parametrize("migration", WHOLE, ids=lambda migration: migration.name)
    def test_nothing_stays_of_one_that_was_killed(self, laboratory, before, undisturbed, migration):
        with laboratory.copied(before[migration.name]) as name:
            migrate(laboratory.migrator(name), among=[])  # what remembers migrations is there
            state = laboratory.fingerprint(name)
            found = places(migration.sql)
            for place in found[:: max(1, len(found) // AT_MOST)]:
                assert not run(laboratory, name, killed_at(migration, place))
                assert laboratory.fingerprint(name) == state
                KILLS.append(place)
            assert run(laboratory, name, migration)
            assert laboratory.state(name) == undisturbed[migration.name]
            assert laboratory.faults(name) == []


def struck(laboratory: Laboratory, template: str, migration: Migration, undisturbed, *, at: int) -> bool:
    """Whether the migration still said so many commands, and was finished after it was killed at the last."""
    with laboratory.copied(template) as name:
        with laboratory.connect(name) as connection:
            connection.execute(KILLER)
            connection.execute("insert into killer.plan values (%s)", [at])
        with pytest.MonkeyPatch.context() as context:
            context.setattr(runner, "require", lambda *_, **__: None)  # the gate would find the killer
            if run(laboratory, name, migration):
                return False
        with laboratory.connect(name) as connection:
            connection.execute(DISARM)
        assert run(laboratory, name, migration)
        assert laboratory.state(name) == undisturbed[migration.name]
        assert laboratory.faults(name) == []
        KILLS.append(at)
        return True


def cut(laboratory: Laboratory, template: str, migration: Migration, undisturbed, *, at: int, where) -> bool:
    """Whether the runner still said so many messages, and the migration was finished after the cut at the last."""
    with laboratory.copied(template) as name:
        scissors = Scissors(laboratory.server.port, at=at, where=where)
        port = f"port={laboratory.server.port}"
        with contextlib.suppress(MigrationFailed, psycopg.OperationalError):
            migrate(laboratory.migrator(name).replace(port, f"port={scissors.port}"), among=[migration])
        scissors.close()
        assert run(laboratory, name, migration)
        assert laboratory.state(name) == undisturbed[migration.name]
        assert laboratory.faults(name) == []
        KILLS.extend([at] * scissors.has_cut)
        return scissors.has_cut


def statements(migration: Migration, *, at_most: int) -> list[int]:
    """Of the steps that are transactions; of each about so many."""
    beginning = 0
    found = []
    for step in migration.steps:
        beginning = migration.sql.index(step.sql, beginning)
        if step.kind == "transaction":
            later = places(step.sql)[1:]
            found += [
                beginning + len(step.sql.partition("\n")[0]),
                *(beginning + place for place in later[:: max(1, len(later) // at_most)]),
            ]
    return found


class TestSteps:
    @pytest.mark.parametrize("migration", STEPPED, ids=lambda migration: migration.name)
    def test_one_that_was_killed_again_and_again_is_finished(self, laboratory, before, undisturbed, migration):
        """At each place in turn, on the same database: it goes on with the step that it was killed in."""
        with laboratory.copied(before[migration.name]) as name:
            for place in statements(migration, at_most=AT_MOST_OF_A_STEP):
                assert not run(laboratory, name, killed_at(migration, place))
                KILLS.append(place)
            assert run(laboratory, name, migration)
            assert laboratory.state(name) == undisturbed[migration.name]
            assert laboratory.faults(name) == []

    @pytest.mark.parametrize("migration", STEPPED_EXAMPLES, ids=lambda migration: migration.name)
    def test_one_that_was_killed_is_finished(self, laboratory, before, undisturbed, migration):
        for place in statements(migration, at_most=MOST)[::STRIDE]:
            with laboratory.copied(before[migration.name]) as name:
                assert not run(laboratory, name, killed_at(migration, place))
                assert run(laboratory, name, migration)
                assert laboratory.state(name) == undisturbed[migration.name]
                assert laboratory.faults(name) == []
                KILLS.append(place)

    @pytest.mark.parametrize(
        ("migration", "stride"),
        [(SLUGS, 2), (REFERENCES, 1), (BACKFILLS, 4)],
        ids=lambda found: getattr(found, "name", ""),
    )
    def test_one_that_was_killed_within_a_statement_is_finished(
        self, laboratory, before, undisturbed, migration, stride
    ):
        at = 1
        while at < MOST and struck(laboratory, before[migration.name], migration, undisturbed, at=at):
            at += stride * STRIDE
        assert len(migration.steps) < at < MOST


class TestMessages:
    @pytest.mark.parametrize("where", ["before", "after"])
    def test_one_whose_client_is_cut_off_at_a_message_is_finished(self, laboratory, before, undisturbed, where):
        """Before the server hears it, or when it has done it and nobody hears that: a commit, at worst."""
        at = 0
        while at < MOST and cut(laboratory, before[OLD.name], OLD, undisturbed, at=at, where=where):
            at += 4 * STRIDE  # before one is heard, the server has done what it has after the one before
        assert 4 * len(OLD.steps) < at < MOST


class TestConcurrentIndex:
    """Killed while it waits for others, in each phase in which it does."""

    @pytest.mark.parametrize(
        ("phase", "isolation", "statement"),
        [
            ("waiting for writers before build", "read committed", "update app.notes set body = body"),
            ("waiting for old snapshots", "repeatable read", "select count(*) from app.tenants"),
        ],
    )
    def test_leaves_an_invalid_one_that_the_next_run_replaces(
        self, laboratory, before, undisturbed, phase, isolation, statement
    ):
        with laboratory.copied(before[REFERENCES.name]) as name:
            with laboratory.connect(name) as other:
                with other.transaction():
                    other.execute(f"set transaction isolation level {isolation}")
                    other.execute("select set_config('app.tenant_id', gen_random_uuid()::text, true)")
                    other.execute(statement)
                    came_through = in_background(laboratory, name, REFERENCES)
                    kill(laboratory, name, wait_for(laboratory, name, BUILDS.format(phase)))
                    assert not came_through()
                invalid = other.execute("select indexrelid::regclass::text from pg_index where not indisvalid")
                assert invalid.fetchall() == [("app.notes_project",)]
            assert run(laboratory, name, REFERENCES)
            assert laboratory.state(name) == undisturbed[REFERENCES.name]
            assert laboratory.faults(name) == []
            KILLS.append(1)

    def test_the_control_postgresql_takes_the_invalid_one_for_done(self, laboratory, before):
        with laboratory.copied(before[REFERENCES.name]) as name, laboratory.connect(name) as connection:
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("create unique index concurrently twice on app.notes (body)")
            connection.execute("create unique index concurrently if not exists twice on app.notes (body)")
            assert laboratory.faults(name)[0] == "app.twice is invalid"

    def test_that_cannot_be_unique_leaves_nothing(self, laboratory, before):
        twice = Migration(
            "test/0199_twice.pre", "-- step: x\ncreate unique index concurrently twice on app.notes (tenant_id, body)"
        )
        with laboratory.copied(before[REFERENCES.name]) as name:
            with pytest.raises(MigrationFailed, match=r"step 1 \(x\), could not be applied.*twice"):
                migrate(laboratory.migrator(name), among=[twice])
            assert laboratory.faults(name) == []

    def test_what_a_reindex_left_behind_goes(self, laboratory, before):
        again = Migration(
            "test/0198_again.pre",
            "-- step: x\ncreate index concurrently notes_project on app.notes (tenant_id, project_id)",
        )
        with laboratory.copied(before["after all"]) as name, laboratory.connect(name) as connection:
            connection.execute("create index notes_project_ccnew on app.notes (tenant_id, project_id)")
            connection.execute(
                "update pg_index set indisvalid = false where indexrelid = 'app.notes_project_ccnew'::regclass"
            )
            assert laboratory.faults(name)[0] == "app.notes_project_ccnew is invalid"
            migrate(laboratory.migrator(name), among=[again])
            assert laboratory.faults(name) == []

    def test_another_index_of_its_name_is_no_success(self, laboratory, before):
        other = Migration(
            "test/0197_other.pre",
            "-- step: x\ncreate index concurrently if not exists notes_project on app.members (tenant_id, role)",
        )
        with laboratory.copied(before["after all"]) as name, pytest.raises(MigrationFailed, match="is another index"):
            migrate(laboratory.migrator(name), among=[other])

    def test_nor_is_one_with_other_columns(self, laboratory, before):
        """As when a run died between the index and its bookkeeping, and the step was then mended."""
        sql = "-- step: x\ncreate index concurrently notes_project on app.notes (tenant_id, {}) where {};"
        with laboratory.copied(before["after all"]) as name:
            with laboratory.connect(name) as connection:
                connection.execute("drop index app.notes_project")
                connection.execute("create index notes_project on app.notes (tenant_id, lower(body)) where body <> 'a'")
            for columns, rows in [("body", "body <> 'a'"), ("lower(body)", "body <> 'b'")]:
                other = Migration("test/0196_other.pre", sql.format(columns, rows))
                with pytest.raises(MigrationFailed, match="is another index"):
                    migrate(laboratory.migrator(name), among=[other])
            with pytest.raises(
                MigrationFailed, match=r"is_indexed|foreign key"
            ):  # the gate's; the index is taken for done
                migrate(
                    laboratory.migrator(name), among=[Migration(other.name, sql.format("lower(body)", "body <> 'a'"))]
                )

    def test_that_was_killed_while_it_goes_is_gone_in_the_end(self, laboratory, before, undisturbed):
        with laboratory.copied(before[OLD.name]) as name:
            with laboratory.connect(name) as other, other.transaction():
                other.execute("lock table app.notes in access share mode")
                came_through = in_background(laboratory, name, OLD)
                kill(laboratory, name, wait_for(laboratory, name, GOES))
                assert not came_through()
            assert laboratory.faults(name)[0] == "app.notes_slug is invalid"
            assert run(laboratory, name, OLD)
            assert laboratory.state(name) == undisturbed[OLD.name]
            assert laboratory.faults(name) == []
            KILLS.append(1)


class TestProcess:
    def test_one_that_was_killed_outright_is_finished_by_the_next(self, laboratory, before, undisturbed):
        """SIGKILL: nobody tells the server, which has to notice that its client is gone."""
        code = (
            "import sys; from tests.database.laboratory import EXAMPLES\n"
            "from freehold.database.migrations.runner import migrate\n"
            "migrate(sys.argv[1], among=[EXAMPLES[2]])"
        )
        with laboratory.copied(before[REFERENCES.name]) as name:
            with laboratory.connect(name) as other, other.transaction():
                other.execute("lock table app.notes in row exclusive mode")
                command = [sys.executable, "-c", code, laboratory.migrator(name)]
                environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers'}"}
                with subprocess.Popen(command, env=environment) as process:
                    wait_for(laboratory, name, BUILDS.format("waiting for writers before build"))
                    process.send_signal(signal.SIGKILL)
            assert run(laboratory, name, REFERENCES)
            assert laboratory.state(name) == undisturbed[REFERENCES.name]
            assert laboratory.faults(name) == []
            KILLS.append(1)


def in_background(laboratory: Laboratory, name: str, migration: Migration):
    """Ask the answer whether it came through."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(run(laboratory, name, migration)))
    thread.start()

    def came_through() -> bool:
        thread.join()
        return answers[0]

    return came_through


def wait_for(laboratory: Laboratory, name: str, question: str) -> int:
    """The backend of which it is true."""
    deadline = time.monotonic() + 20
    with laboratory.connect(name) as connection:
        while time.monotonic() < deadline:
            if found := connection.execute(question).fetchone():
                return found[0]
            time.sleep(0.02)
    raise AssertionError(f"nobody ever answered: {question}")


def kill(laboratory: Laboratory, name: str, pid: int) -> None:
    with laboratory.connect(name) as connection:
        connection.execute("select pg_terminate_backend(%s, 5000)", [pid])


@pytest.fixture(scope="module", autouse=True)
def counted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Says how many, at the end of the whole file."""
    yield
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{len(KILLS)} kills, and each led where an undisturbed run leads")  # noqa: T201 (the figure)
