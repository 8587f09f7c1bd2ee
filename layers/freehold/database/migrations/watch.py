"""Looks ten times a second at whom a migration waits for, and at who waits for the migration.

A lock timeout bounds each wait, not their sum: a migration that holds one table while it waits for the next would keep
readers of the first waiting all along. So whoever has waited for it too long ends its statement, and it tries again.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import psycopg

from freehold.database.connection import DEAD_PEER

EVERY = 0.1  # seconds
NAMED = 3
"""So many of those in the way; the others are counted."""
STAND_ASIDE = """
    select pg_cancel_backend(%(pid)s) where exists (
        select from pg_locks where not granted and locktype = 'relation' and pid <> %(pid)s
           and mode in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
           and waitstart < clock_timestamp() - interval '500 ms' and %(pid)s = any (pg_blocking_pids(pid)))
"""
"""The modes are those of reading and writing: another migration, or a vacuum, may wait."""
IN_THE_WAY = """
    select a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(l.relation::regclass::text, ''),
           a.usesysid is null
      from pg_locks l join pg_stat_activity a on a.pid = any (pg_blocking_pids(l.pid))
     where l.pid = %(pid)s and not l.granted
"""
"""A process without a role that holds a table is an autovacuum: its kind is told to monitoring roles only."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds what a migration waits for. Not what they do: a query may hold a customer's data."""

    pid: int
    role: str
    application: str
    relation: str
    is_autovacuum: bool
    since: float
    """When they were first seen without a gap, on the monotonic clock; they may have held it for longer."""

    def __str__(self) -> str:
        who = "an autovacuum" if self.is_autovacuum else ", ".join(filter(None, [self.role, self.application]))
        what = self.relation or "a transaction that has to end first"
        seen = f"first seen {time.monotonic() - self.since:.0f} s ago"
        return f"pid {self.pid} ({who}) holds {what}, {seen}"


class Watch:
    """Over one backend, from a connection and a thread of its own."""

    def __init__(self, conninfo: str, pid: int, tell: Callable[[str], None]) -> None:
        self._conninfo, self._pid, self._tell = conninfo, {"pid": pid}, tell
        self._present: dict[int, Holder] = {}
        self._latest: list[Holder] = []
        self._ended = threading.Event()
        self._stood_aside = False
        self._looking = threading.Lock()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._connection = psycopg.connect(self._conninfo, autocommit=True, **DEAD_PEER)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def begin(self) -> None:
        """A try begins: what was ended before it counts no more, nor who was in its way."""
        with self._looking:
            self._stood_aside, self._latest = False, []

    def stood_aside(self) -> bool:
        """Whether it ended a statement of this try."""
        with self._looking:
            return self._stood_aside

    def in_the_way(self) -> str:
        """Who was, when the migration last waited."""
        with self._looking:
            named, others = self._latest[:NAMED], len(self._latest[NAMED:])
        words = [*map(str, named), *[f"{others} more"] * bool(others)]
        return "; ".join(words) or "nobody stayed long enough to be named"

    def autovacuumed(self) -> set[str]:
        """The tables at which an autovacuum was in the way."""
        with self._looking:
            return {holder.relation for holder in self._latest if holder.is_autovacuum and holder.relation}

    def _look(self) -> None:
        """Without it, the lock timeout still bounds each single wait: a migration does not fail for want of a watch."""
        try:
            while not self._ended.wait(EVERY):
                with self._looking:  # what it ends and what it has ended are never seen apart
                    self._look_once()
        except psycopg.OperationalError as error:
            self._tell(f"nobody watches any more who waits for the migration: {error}")

    def _look_once(self) -> None:
        if self._connection.execute(STAND_ASIDE, self._pid).rowcount:
            self._stood_aside = True
        self._note(self._connection.execute(IN_THE_WAY, self._pid).fetchall())

    def _note(self, found: list[tuple[int, str, str, str, bool]]) -> None:
        """Who is away at one look counts as new at the next."""
        now = time.monotonic()
        before, self._present = self._present, {}
        for pid, role, application, relation, autovacuum in found:
            since = before[pid].since if pid in before else now
            self._present[pid] = Holder(pid, role, application, relation, autovacuum, since)
        self._latest = [*self._present.values()] or self._latest
