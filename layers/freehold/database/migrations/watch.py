"""Looks ten times a second at whom a migration waits for, and at who waits for the migration.

A lock timeout bounds each wait, not their sum: a migration that holds one table while it waits for the next would keep
readers of the first waiting all along. So whoever has waited for it too long ends its statement, and it tries again.
"""

import threading
import time
from dataclasses import dataclass
from typing import Self

import psycopg

from freehold.database.connection import DEAD_PEER

EVERY = 0.1  # seconds
STAND_ASIDE = """
    select pg_cancel_backend(%(pid)s) where exists (
        select from pg_locks where not granted and locktype = 'relation' and pid <> %(pid)s
           and mode in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
           and waitstart < clock_timestamp() - interval '500 ms' and %(pid)s = any (pg_blocking_pids(pid)))
"""
"""The modes are those of reading and writing: another migration, or a vacuum, may wait."""
IN_THE_WAY = """
    select a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(l.relation::regclass::text, '')
      from pg_locks l join pg_stat_activity a on a.pid = any (pg_blocking_pids(l.pid))
     where l.pid = %(pid)s and not l.granted
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds what a migration waits for. Not what they do: a query may hold a customer's data."""

    pid: int
    role: str
    application: str
    relation: str
    since: float
    """When they were first seen, on the monotonic clock; they may have held it for longer."""

    def __str__(self) -> str:
        who = f"{self.role}, {self.application}" if self.application else self.role
        what = self.relation or "a transaction that has to end first"
        return f"pid {self.pid} ({who}) holds {what}, first seen {time.monotonic() - self.since:.0f} s ago"


class Watch:
    """Over one backend, from a connection and a thread of its own."""

    def __init__(self, conninfo: str, pid: int) -> None:
        self._conninfo, self._pid = conninfo, {"pid": pid}
        self._holders: dict[int, Holder] = {}
        self._latest: list[int] = []
        self._ended = threading.Event()
        self._stood_aside = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._connection = psycopg.connect(self._conninfo, autocommit=True, **DEAD_PEER)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def stood_aside(self) -> bool:
        """Whether it ended a statement since it was last asked."""
        was = self._stood_aside.is_set()
        self._stood_aside.clear()
        return was

    def in_the_way(self) -> str:
        """Who was, when the migration last waited."""
        return "; ".join(str(self._holders[pid]) for pid in self._latest) or "nobody stayed long enough to be named"

    def _look(self) -> None:
        """Without it, the lock timeout still bounds each single wait: a migration does not fail for want of a watch."""
        try:
            while not self._ended.wait(EVERY):
                self._look_once()
        except psycopg.OperationalError as error:
            print(f"nobody watches any more who waits for the migration: {error}")  # noqa: T201 (the function's log)

    def _look_once(self) -> None:
        if self._connection.execute(STAND_ASIDE, self._pid).rowcount:
            self._stood_aside.set()
        if found := self._connection.execute(IN_THE_WAY, self._pid).fetchall():
            self._note(found)

    def _note(self, found: list[tuple[int, str, str, str]]) -> None:
        for pid, role, application, relation in found:
            seen = self._holders.get(pid)
            self._holders[pid] = Holder(pid, role, application, relation, seen.since if seen else time.monotonic())
        self._latest = [pid for pid, *_ in found]
