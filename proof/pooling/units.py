"""What a client does through the door: units that end well, units that end badly, and looks from outside of any.

Each transaction is one of these, by chance. Whatever is written in a unit that must not commit says so: who reads it
later has seen a leak too.
"""

import contextlib
import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Never

import psycopg

from freehold.database import Database, Query
from freehold.database.border import NoUnitOfWork
from freehold.errors import ApiKeyRefused, Conflict, NotAMember, Unavailable
from freehold.permissions import TENANT_READ, TENANT_WRITE
from freehold.tenants.queries import lock_tenant, update_tenant
from proof.pooling.batch import Batch
from proof.pooling.insiders import Insider
from proof.pooling.statements import TABLES, fails, left_behind, names

NEVER = "this was never committed"
TOO_LONG = "x" * 201
LONGEST_HOLD = 0.003  # seconds


class Mistake(Exception):
    """What an application raises in the middle of a unit."""


class Units:
    """One client."""

    def __init__(self, where: str, insiders: Sequence[Insider], chance: random.Random) -> None:
        self._where = where
        self._db = Fragile(where)
        self._insiders, self._chance = insiders, chance
        kinds: dict[Callable[[Batch], None], int] = {
            self._read: 40,
            self._look_from_outside: 12,
            self._look_for_settings: 12,
            self._change: 12,
            self._read_then_change: 8,
            self._fail_in_one_flight: 4,
            self._fail_between_flights: 4,
            self._raise: 4,
            self._be_refused: 4,
        }
        self._kinds, self._weights = list(kinds), list(kinds.values())
        self._last = {2: self._hang_up, 1: self._be_killed}

    def close(self) -> None:
        """Hang up, politely."""
        self._db.close()

    def once(self, batch: Batch) -> None:
        """One transaction of some kind; the last two of a batch are those that cost a connection."""
        kind = self._last.get(batch.left) or self._chance.choices(self._kinds, self._weights)[0]
        batch.units[kind.__name__.strip("_").replace("_", " ")] += 1
        kind(batch)

    def _read(self, batch: Batch) -> None:
        insider = self._anybody()
        caller = self._chance.choice((insider.person, insider.program))
        batch.saw("read", insider, self._db.one(caller, TENANT_READ, self._names()))

    def _look_from_outside(self, batch: Batch) -> None:
        with contextlib.suppress(NoUnitOfWork):
            seen = self._db.outside(self._names())
            batch.leaked("look from outside", f"without a tenant, {len(seen)} rows could be read, such as {seen[:1]}.")

    def _look_for_settings(self, batch: Batch) -> None:
        if left := self._db.outside(left_behind()):
            batch.leaked("look for settings", f"a unit that has ended left {left} on the connection.")

    def _change(self, batch: Batch) -> None:
        insider = self._anybody()
        changed = self._db.run(insider.program, TENANT_WRITE, update_tenant(self._name(insider)))
        batch.saw("change", insider, [changed.row.name])

    def _read_then_change(self, batch: Batch) -> None:
        insider = self._anybody()
        with self._db.transaction(insider.person, TENANT_WRITE) as tx:
            batch.saw("read, then change", insider, [tx.get(lock_tenant()).name])
            changed = tx.put(update_tenant(self._name(insider)))
        batch.saw("read, then change", insider, [changed.value.name])

    def _fail_in_one_flight(self, _: Batch) -> None:
        with _must_raise(Conflict):
            self._db.run(self._anybody().person, TENANT_WRITE, update_tenant(TOO_LONG))

    def _fail_between_flights(self, batch: Batch) -> None:
        insider = self._anybody()
        with _must_raise(psycopg.errors.DivisionByZero), self._db.transaction(insider.person, TENANT_WRITE) as tx:
            batch.saw("fail between flights", insider, tx.get(self._names()))
            tx.put(update_tenant(NEVER))
            tx.get(fails())

    def _raise(self, batch: Batch) -> None:
        insider = self._anybody()
        with _must_raise(Mistake), self._db.transaction(insider.program, TENANT_WRITE) as tx:
            batch.saw("raise", insider, tx.get(self._names()))
            tx.put(update_tenant(NEVER))
            raise Mistake

    def _be_refused(self, batch: Batch) -> None:
        one, other = self._chance.sample(self._insiders, 2)
        person = self._chance.random() < 0.5  # noqa: PLR2004 (one or the other)
        caller = one.person_at(other.tenant_id) if person else one.program_at(other.tenant_id)
        with contextlib.suppress(NotAMember if person else ApiKeyRefused):
            seen = self._db.one(caller, TENANT_READ, self._names())
            batch.leaked("be refused", f"{one.mark} entered the tenant {other.mark} and was shown {seen[:1]}.")

    def _hang_up(self, batch: Batch) -> None:
        insider = self._anybody()
        with _must_raise(Unavailable), self._db.transaction(insider.person, TENANT_WRITE) as tx:
            batch.saw("hang up", insider, tx.get(self._names()))
            tx.put(update_tenant(NEVER))
            tx.get(lock_tenant())
            self._db.hang_up()
            tx.get(lock_tenant())

    def _be_killed(self, _: Batch) -> None:
        """A process that is in the middle of a unit, reading, and is no more."""
        hears, tells = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._read_until_killed(tells)
        try:
            os.close(tells)
            if not os.read(hears, 1):
                raise ChildProcessError("The client that was to be killed in a unit of work could not begin one.")
            time.sleep(self._chance.random() * LONGEST_HOLD)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(hears)

    def _read_until_killed(self, tells: int) -> Never:
        """Or until the server ends the unit, should nobody be left to kill."""
        try:
            with Database(self._where).transaction(self._anybody().person, TENANT_WRITE) as tx:
                tx.put(update_tenant(NEVER))
                tx.get(lock_tenant())
                os.write(tells, b".")
                while True:
                    tx.get(self._names())
        finally:
            os._exit(1)

    def _anybody(self) -> Insider:
        return self._chance.choice(self._insiders)

    def _names(self) -> Query[list[str]]:
        return names(self._chance.choice(TABLES))

    def _name(self, insider: Insider) -> str:
        return f"{insider.mark} {self._chance.randrange(1000)}"


class Fragile(Database):
    """A way in whose connection can be cut."""

    def hang_up(self) -> None:
        """As a machine that is gone: no farewell, in the middle of whatever is going on."""
        with socket.socket(fileno=os.dup(self._mine.connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)


@contextmanager
def _must_raise(error: type[Exception]) -> Iterator[None]:
    """Raises AssertionError where nothing else was raised: a unit that should have failed did not."""
    try:
        yield
    except error:
        return
    raise AssertionError(f"A unit of work that had to end with {error.__name__} ended well.")
