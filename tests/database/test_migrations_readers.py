"""While migrations run, on tables that are read all the time and held for long, no reader waits for long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest

from freehold.database.migrations import patience, runner
from freehold.database.migrations.files import Migration, migrations
from freehold.database.migrations.runner import MigrationFailed, migrate
from local.database import Database
from local.postgres import Postgres, temporary
from tests.database.laboratory import EXAMPLES, Laboratory

PROMISE = 0.5 + 0.5
"""Seconds: the lock timeout, and half a second more."""
TABLES = (
    "select oid::regclass::text from pg_class where relkind in ('r', 'p') and relnamespace::regnamespace::text = 'app'"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with temporary() as server:
        Database(server).make_roles()
        yield server


@pytest.fixture(scope="module")
def laboratory(server: Postgres) -> Laboratory:
    return Laboratory(server)


@pytest.fixture
def filled(laboratory: Laboratory) -> Iterator[str]:
    """Everything of ours, and the examples' table with rows in it."""
    name = laboratory.copy()
    migrate(laboratory.migrator(name), among=[*migrations(), EXAMPLES[0]])
    laboratory.fill(name, tenants=20, notes=200)
    yield name
    laboratory.drop(name)


class Readers:
    """Read every table there is, again and again; `longest` is the longest that one read took, in seconds."""

    def __init__(self, laboratory: Laboratory, name: str, *, held: bool = True) -> None:
        self.longest = 0.0
        self.reads = 0
        self.holds = not held
        self._laboratory, self._name = laboratory, name
        self._ended = threading.Event()
        work = [self._read, self._read, *([self._hold] * held)]
        self._threads = [threading.Thread(target=each) for each in work]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        while not self.holds:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        with self._laboratory.connect(self._name) as connection:
            while not self._ended.wait(0.005):
                for (table,) in connection.execute(TABLES).fetchall():
                    begin = time.monotonic()
                    connection.execute(f"select from {table} limit 1")
                    self.longest = max(self.longest, time.monotonic() - begin)
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


@contextmanager
def impatient(monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> Iterator[None]:
    with monkeypatch.context() as context:
        context.setattr(patience, "LONGEST", seconds)
        yield


class TestReaders:
    def test_wait_for_none_of_ours(self, laboratory: Laboratory):
        name = laboratory.copy()
        with Readers(laboratory, name) as readers:
            for migration in migrations():
                migrate(laboratory.migrator(name), among=[migration])
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
        monkeypatch.setattr(patience, "LOCK_TIMEOUT", "10s")
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


class Blind:
    """A watch that sees nothing, and so ends nothing."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def stood_aside(self) -> bool:
        return False

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
