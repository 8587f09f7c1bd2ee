"""What the machine works with: a door whose connection it can look at, a wire that it can cut, and a superuser."""

import itertools
import math
import select
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from freehold import clock
from freehold.database import Database, Query
from freehold.database.connection import Connection
from freehold.database.migrations.bootstrap import DATABASE
from local.postgres import SUPERUSER, Postgres
from tests.wire import Cut, Wire

PATIENCE = 0.3  # seconds that a request has whose peer is silent
SETTLED_SECONDS = 5
_SETTINGS = r"select distinct (regexp_matches(prosrc, 'set_config\(''(app\.\w+)''', 'g'))[1] from pg_proc"


class Mishap(Enum):
    """What happens to the connection around a unit of work."""

    NONE = "nothing"
    TERMINATED = "the server hangs up before it"
    BEFORE = "its flight never reaches the server"
    AFTER = "the answer to its first flight never comes, and the connection is closed"
    SILENT = "the same, and the connection stays open"


CUTS = {Mishap.BEFORE: Cut.BEFORE, Mishap.AFTER: Cut.AFTER, Mishap.SILENT: Cut.SILENT}


class Watched(Database):
    """The real door; `current` is its connection, to be looked at."""

    @property
    def current(self) -> Connection:
        return self._mine.connection

    @property
    def opened(self) -> Connection | None:
        current = getattr(self._mine, "connection", None)
        return None if current is None or current.closed else current


class Bench:
    """One server, for every run of the machine."""

    def __init__(self, server: Postgres) -> None:
        self.wire = Wire(server.port)
        self._where = make_conninfo(server.conninfo(user="freehold_api", database=DATABASE), port=self.wire.port)
        self.superuser: psycopg.Connection[Any] = psycopg.connect(
            server.conninfo(user=SUPERUSER, database=DATABASE), autocommit=True
        )
        names = sorted(name for (name,) in self.superuser.execute(_SETTINGS))
        assert "app.tenant_id" in names, "the door sets what it always has, so what it sets is known"
        left = ", ".join(f"current_setting('{name}', true)" for name in names)
        self.left_behind = Query(f"select concat({left})", {}, lambda result: str(result.fetchone()[0]))
        self._runs = itertools.count()
        self.met: Counter[str] = Counter()
        """What has happened on it, so that a run can show that it tried everything."""

    def close(self) -> None:
        self.superuser.close()
        self.wire.close()

    def door(self, kind: type[Watched]) -> tuple[Watched, str]:
        """A new one, and the name under which the server knows its connections."""
        name = f"model-{next(self._runs)}"
        return kind(make_conninfo(self._where, application_name=name)), name

    @contextmanager
    def happening(self, mishap: Mishap, db: Watched, name: str) -> Iterator[None]:
        """The mishap, for as long as the block lasts."""
        db.connect()
        self.met[mishap.name] += 1
        if mishap is Mishap.TERMINATED:
            self._terminate(db)
        elif mishap is not Mishap.NONE:
            self.wire.cut(CUTS[mishap])
        if mishap is Mishap.SILENT:
            clock.allow(PATIENCE)
        try:
            yield
        finally:
            clock.answer_by.set(math.inf)
            if mishap in CUTS:
                self.wire.take_cut(CUTS[mishap])
            if mishap is not Mishap.NONE:
                self.settle(db, name)

    def settle(self, db: Watched, name: str) -> None:
        """Wait until the server has finished with every connection of this door but the current one."""
        current = db.opened.info.backend_pid if db.opened else 0
        until = time.monotonic() + SETTLED_SECONDS
        busy = "select from pg_stat_activity where application_name = %s and pid <> %s and state <> 'idle'"
        while self.superuser.execute(busy, [name, current]).fetchone():
            assert time.monotonic() < until, "a lost unit of work goes on in the server"
            time.sleep(0.002)

    def server_says(self, db: Watched) -> str:
        """What the server is doing on the door's connection."""
        found = self.superuser.execute(
            "select state from pg_stat_activity where pid = %s", [db.current.info.backend_pid]
        ).fetchone()
        return str(found[0]) if found else "gone"

    def _terminate(self, db: Watched) -> None:
        self.superuser.execute("select pg_terminate_backend(%s)", [db.current.info.backend_pid])
        heard, _, _ = select.select([db.current.fileno()], [], [], SETTLED_SECONDS)
        assert heard, "the server hung up, and the client did not hear it"


@contextmanager
def interrupted(seconds: float) -> Iterator[None]:
    """A KeyboardInterrupt in the middle of whatever the block waits for."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
