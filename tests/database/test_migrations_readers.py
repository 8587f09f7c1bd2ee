"""While migrations run, on tables that are read all the time and held for long, no reader waits for long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched, chain
from typing import Self
from uuid import uuid4

import psycopg
import pytest

from freehold.database.migrations import patience, runner
from freehold.database.migrations.bootstrap import DATABASE
from freehold.database.migrations.files import Migration, migrations
from freehold.database.migrations.runner import MigrationFailed, migrate
from local.database import prepared
from local.postgres import Postgres
from tests.database.laboratory import ENTERED, EXAMPLES, Laboratory

PROMISE = 0.5 + 0.5
"""Seconds: the lock timeout, and half a second more."""
VACUUMED = """
    select from pg_stat_progress_vacuum v join pg_stat_activity using (pid)
     where backend_type = 'autovacuum worker' and v.relid = to_regclass('app.notes') and v.datname = current_database()
"""
TABLES = (
    "select oid::regclass::text from pg_class where relkind in ('r', 'p') and relnamespace::regnamespace::text = 'app'"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with prepared() as server:
        yield server


@pytest.fixture(scope="module")
def laboratory(server: Postgres) -> Laboratory:
    return Laboratory(server)


@pytest.fixture(scope="module")
def full(laboratory: Laboratory) -> str:
    """Everything of ours, and the examples' table with rows in it."""
    name = laboratory.copy(DATABASE)
    migrate(laboratory.migrator(name), among=[*migrations(), EXAMPLES[0]])
    laboratory.fill(name, tenants=20, notes=200)
    return name


@pytest.fixture
def filled(laboratory: Laboratory, full: str) -> Iterator[str]:
    """A copy of it."""
    with laboratory.copied(full) as name:
        yield name


class Readers:
    """Read every table there is, again and again; `longest` is the longest that one read took, in seconds.

    A statement that needs no lock takes its time too where the machine is busy: the longest such is not counted.
    """

    def __init__(self, laboratory: Laboratory, name: str, *, held: bool = True) -> None:
        self._longest = self._longest_without_locks = 0.0
        self.reads = 0
        self.holds = not held
        self._laboratory, self._name = laboratory, name
        self._ended = threading.Event()
        work = [self._read, self._read, *([self._hold] * held)]
        self._threads = [threading.Thread(target=each) for each in work]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        deadline = time.monotonic() + 20
        while not self.holds and time.monotonic() < deadline:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    @property
    def longest(self) -> float:
        return self._longest - self._longest_without_locks

    def _read(self) -> None:
        with self._laboratory.connect(self._name) as connection:
            while not self._ended.wait(0.005):
                for (table,) in connection.execute(TABLES).fetchall():
                    self._longest_without_locks = max(self._longest_without_locks, timed(connection, "select 1"))
                    self._longest = max(self._longest, timed(connection, f"select from {table} limit 1"))
                    self.reads += 1

    def _hold(self) -> None:
        """A report that takes its time, and then the next."""
        with self._laboratory.connect(self._name) as connection:
            while not self._ended.wait(0.3):
                with connection.transaction():
                    for (table,) in connection.execute(TABLES).fetchall():
                        connection.execute(f"select from {table} limit 1")
                    self.holds = True
                    self._ended.wait(1.2)


def timed(connection: psycopg.Connection, statement: str) -> float:
    begin = time.monotonic()
    connection.execute(statement)
    return time.monotonic() - begin


@contextmanager
def impatient(monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> Iterator[None]:
    with monkeypatch.context() as context:
        context.setattr(patience, "LONGEST", seconds)
        yield


class TestReaders:
    def test_wait_for_none_of_ours(self, laboratory: Laboratory):
        """But for those of long ago, which have run wherever they will."""
        name, (*early, _, _) = laboratory.copy(), batched(migrations(), 6, strict=False)
        migrate(laboratory.migrator(name), among=[*chain(*early)])
        with Readers(laboratory, name) as readers:
            for some in batched(migrations(), 6, strict=False):
                migrate(laboratory.migrator(name), among=[*some])
                time.sleep(0.3)
        laboratory.drop(name)
        assert readers.reads > 50
        assert readers.longest < PROMISE

    def test_wait_for_none_of_the_examples(self, laboratory: Laboratory, filled: str):
        with Readers(laboratory, filled) as readers:
            migrate(laboratory.migrator(filled), among=EXAMPLES)
        assert readers.longest < PROMISE
        assert laboratory.faults(filled) == []

    def test_the_control_they_wait_for_one_that_waits_long(self, laboratory, filled, monkeypatch):
        monkeypatch.setattr(patience, "LOCK_TIMEOUT", 10)
        monkeypatch.setattr(runner, "Watch", Blind)
        slow = Migration("test/0201_slow.pre", "alter table app.notes add column a int; select pg_sleep(1.5)")
        with Readers(laboratory, filled) as readers:
            migrate(laboratory.migrator(filled), among=[slow])
        assert readers.longest > PROMISE

    def test_do_not_wait_for_one_that_holds_what_they_read(self, laboratory, filled, monkeypatch):
        slow = Migration("test/0202_slow.pre", "alter table app.notes add column b int; select pg_sleep(3)")
        with (
            Readers(laboratory, filled, held=False) as readers,
            impatient(monkeypatch, seconds=1),
            pytest.raises(MigrationFailed, match=r"kept readers or writers waiting .* Nothing is broken"),
        ):
            migrate(laboratory.migrator(filled), among=[slow])
        assert readers.longest < PROMISE

    def test_do_not_wait_for_a_sum_of_short_waits(self, laboratory, filled, monkeypatch):
        """It holds one table while it waits for the next, each time for less than the lock timeout."""
        both = Migration(
            "test/0203_both.pre", "lock table app.notes; lock table app.projects; lock table app.members; select 1"
        )
        with laboratory.connect(filled) as first, laboratory.connect(filled) as second:
            first.execute("begin; lock table app.projects in access share mode")
            second.execute("begin; lock table app.members in access share mode")
            threading.Timer(0.4, first.commit).start()
            with (
                Readers(laboratory, filled, held=False) as readers,
                impatient(monkeypatch, seconds=1),
                pytest.raises(MigrationFailed),
            ):
                migrate(laboratory.migrator(filled), among=[both])
            second.rollback()
        assert readers.longest < PROMISE


class TestHolder:
    def test_is_named_without_what_they_do(self, laboratory, filled, monkeypatch):
        adds = Migration("test/0204_adds.pre", "alter table app.notes add column c int")
        with laboratory.connect(filled, application_name="month end") as holder:
            holder.execute("begin; select count(*) as secret_of_acme from app.notes")
            with impatient(monkeypatch, seconds=1), pytest.raises(MigrationFailed) as refused:
                migrate(laboratory.migrator(filled), among=[adds])
            assert f"pid {holder.info.backend_pid} (postgres, month end) holds app.notes, first seen" in str(
                refused.value
            )
            assert "secret_of_acme" not in str(refused.value)
            holder.rollback()
        assert migrate(laboratory.migrator(filled), among=[adds]) == [adds.name]

    def test_of_an_old_transaction_is_waited_for_by_an_index_and_keeps_nobody(self, laboratory, filled):
        index = Migration(
            "test/0205_index.pre", "-- step: x\ncreate index concurrently patient on app.notes (tenant_id, old)"
        )
        with laboratory.connect(filled) as holder, Readers(laboratory, filled) as readers:
            holder.execute("begin; lock table app.notes in row exclusive mode")
            threading.Timer(2, holder.rollback).start()
            assert migrate(laboratory.migrator(filled), among=[index]) == [index.name]
        assert readers.longest < PROMISE


class TestRequests:
    """Which come in through the door, and so lock the tables in its order."""

    EARLY = tuple(migration for migration in migrations() if migration.name < "freehold/0006")
    THEN = tuple(migration for migration in migrations() if migration.name < "freehold/0007")
    MEMBER = """
        insert into app.tenants (id, name) values (%(id)s, 'Some');
        insert into app.members (tenant_id, issuer, subject, role) values (%(id)s, 'i', 's', 'owner')
    """
    REQUEST = "select app.enter(%s, 1, 'i', 's', now(), 'tenant:read', 'r', 'a'); select from app.api_keys"

    def test_do_not_keep_the_owners_policies_from_coming(self, laboratory: Laboratory):
        name, tenant, done = laboratory.copy(), str(uuid4()), threading.Event()
        migrate(laboratory.migrator(name), among=self.EARLY)
        with laboratory.connect(name) as connection, connection.transaction():
            connection.execute(ENTERED, [tenant])
            psycopg.ClientCursor(connection).execute(self.MEMBER, {"id": tenant})
        served: list[int] = []

        def serve() -> None:
            where = laboratory.server.conninfo(user="freehold_api", database=name)
            with psycopg.connect(where, autocommit=True) as connection:
                while not done.is_set():
                    with connection.transaction():
                        psycopg.ClientCursor(connection).execute(self.REQUEST, [tenant])
                    served.append(1)

        threads = [threading.Thread(target=serve) for _ in range(3)]
        for thread in threads:
            thread.start()
        lines: list[str] = []
        try:
            migrate(laboratory.migrator(name), among=self.THEN, tell=lines.append)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        assert len(served) > 10
        assert [line for line in lines if "tries again" in line] == []
        laboratory.drop(name)


class TestAutovacuum:
    @pytest.fixture
    def vacuumed(self, laboratory: Laboratory, filled: str) -> Iterator[str]:
        """Its notes are being vacuumed, which takes minutes."""
        slowly = "autovacuum_vacuum_threshold = 1, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
        with laboratory.connect(filled) as connection:
            connection.execute("alter system set autovacuum_naptime = '1s'")
            connection.execute("select pg_reload_conf()")
            connection.execute(f"alter table app.notes set ({slowly}, autovacuum_vacuum_scale_factor = 0)")
            with connection.transaction():
                tenant = connection.execute("select id from app.tenants limit 1").fetchone()[0]
                connection.execute(ENTERED, [str(tenant)])
                connection.execute("update app.notes set body = body || 'c'")
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and not connection.execute(VACUUMED).rowcount:
                time.sleep(0.1)
            assert connection.execute(VACUUMED).rowcount
            connection.execute("alter system reset autovacuum_naptime")  # or the next would follow at once
            connection.execute("select pg_reload_conf()")
            yield filled

    def test_is_ended_by_a_backfill_too(self, laboratory, vacuumed):
        """Before it adds and drops its proof."""
        fills = Migration(
            "test/0208_fills.pre", "-- step: x\ncall app.backfill('app.notes', 'old = body', 'old is null')"
        )
        lines: list[str] = []
        assert migrate(laboratory.migrator(vacuumed), among=[fills], tell=lines.append) == [fills.name]
        assert [line for line in lines if "tries again" in line] == []

    def test_is_ended_before_the_next_try(self, laboratory, vacuumed):
        lines: list[str] = []
        adds = Migration("test/0207_adds.pre", "alter table app.notes add column d int")
        assert migrate(laboratory.migrator(vacuumed), among=[adds], tell=lines.append) == [adds.name]
        assert "(an autovacuum) holds app.notes" in lines[1]
        assert len(lines) <= 1 + 2, lines


class Blind:
    """A watch that sees nothing, and so ends nothing."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self) -> None:
        pass

    def stood_aside(self) -> bool:
        return False

    def autovacuumed(self) -> set[str]:
        return set()

    def in_the_way(self) -> str:
        return ""


def test_a_circle_of_locks_is_left_by_the_migration_first(laboratory: Laboratory, filled: str):
    backwards = Migration("test/0206_backwards.pre", "lock table app.notes; lock table app.members; select 1")
    outcomes = []
    with laboratory.connect(filled) as holder:
        holder.execute("begin; lock table app.members in row exclusive mode")

        def cross() -> None:
            outcomes.append(holder.execute("select from app.notes limit 1").statusmessage)
            holder.rollback()

        threading.Timer(0.2, cross).start()
        assert migrate(laboratory.migrator(filled), among=[backwards]) == [backwards.name]
    assert outcomes == ["SELECT 1"]
