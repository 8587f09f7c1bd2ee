"""Units of work: each is one pipeline, BEGIN, the entrance, its statements, COMMIT, and so one network round trip.

    db.one(caller, permission, query)          reads; runs again by itself when the connection dies
    db.run(caller, permission, write)          changes; all or nothing
    db.transaction(caller, permission)         reads, thinks, changes: two round trips
    db.outside(statement)                      the entrances without a tenant: sign_up, tenants_of, the clock's
    db.working(worker)                         the same for workers, reports and operators: one, do, transaction

When a connection dies before COMMIT was sent, nothing happened. When it dies after, nobody can know: the caller gets
OutcomeUnknown, the change is not repeated, and the caller's Idempotency-Key makes their own retry safe.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Any
from weakref import WeakSet

import psycopg
from pydantic import BaseModel

from freehold.callers import AskAgain, Asked, Caller, Working
from freehold.database import connection as connections
from freehold.database.ahead import Ahead
from freehold.database.border import DecisionsStale, NestedUnit, Replay, RunAgain, translate
from freehold.database.connection import Connection
from freehold.database.door import Placements, claim, deciding, entrance, recall, working_entrance
from freehold.database.flight import Flight
from freehold.database.login import conninfo
from freehold.database.observed import observed_connect, observed_unit
from freehold.database.statement import Answer, Query, Remembered, Statement, Write
from freehold.database.unit import Pending, Unit
from freehold.database.uses import Uses
from freehold.observability import logger, message_of
from freehold.permissions import Permission


class Database:
    """One database role's way in. Each thread has a connection of its own; Lambda has one thread."""

    def __init__(self, where: str) -> None:
        """Take libpq's conninfo, user included."""
        self._where = where
        self._mine = threading.local()
        self._opened: WeakSet[Connection] = WeakSet()
        self._placements = Placements()
        self._uses = Uses()

    def connect(self) -> None:
        """Open the connection now, at init, so that no request waits for it. Raises Unavailable."""
        self._connection()

    def close(self) -> None:
        """Close this thread's connection; the next use opens another."""
        if (current := getattr(self._mine, "connection", None)) is not None:
            current.close()

    def close_all(self) -> None:
        """Close every thread's, none of which is at work any more."""
        for connection in [*self._opened]:
            connection.close()

    def ping(self) -> None:
        """One round trip, nothing else. Raises Unavailable."""
        self.outside(Query("select 1", {}, lambda result: result.fetchone()))

    def one[R](self, caller: Caller, permission: Permission, query: Query[R]) -> R:
        """The query's answer. One round trip."""

        def read() -> R:
            with self._unit(caller, self._entering(caller, permission), read_only=True) as unit:
                answer = unit.put(query)
            return answer.value

        return self._retried(caller, read)

    def run[M: BaseModel](
        self, caller: Caller, permission: Permission, write: Write[M], *, once: Remembered | None = None
    ) -> Answer[M]:
        """The changed row. One round trip; three when `once` names a request whose answer is stored already."""

        def change() -> M:
            with self._unit(caller, self._entering(caller, permission, once)) as unit:
                answer = unit.put(write.remembered(once) if once else write)
            return answer.value

        try:
            return Answer(self._retried(caller, change), replayed=False)
        except Replay:
            assert once is not None  # noqa: S101 (only a claim raises it)
            again = replace(caller, asked=None)  # it was decided when it was done
            return Answer(self.one(again, permission, recall(write.answers_with, once)), replayed=True)

    @contextmanager
    def transaction(self, caller: Caller, permission: Permission) -> Iterator["Transaction"]:
        """A unit whose statements depend on each other: `get` waits, `put` does not. It commits when the block ends."""
        try:
            with self._unit(caller, self._entering(caller, permission)) as unit:
                yield Transaction(unit)
        except RunAgain as again:
            self._learn(caller, again)
            raise again.reason from again

    def outside[R](self, statement: Statement[R]) -> R:
        """Run an entrance that needs no tenant. One round trip."""

        def call() -> R:
            with self._unit(None, (), read_only=isinstance(statement, Query)) as unit:
                answer = unit.put(statement)
            return answer.value

        return self._retried(None, call)

    def working(self, caller: Working) -> "Works":
        """The database as this worker, report or operator may use it, in its tenant."""

        def unit(*, read_only: bool = False) -> AbstractContextManager[Unit]:
            first = [working_entrance(caller, self._placements.epoch(caller.tenant_id))]
            return self._unit(caller, first, read_only=read_only)

        return Works(unit, partial(self._learn, caller))

    def _entering(
        self, caller: Caller, permission: Permission, once: Remembered | None = None
    ) -> list[Statement[None]]:
        """The door; then whether it was done before, for that is answered whatever is decided by now."""
        entered = entrance(caller, permission, self._placements.epoch(caller.tenant_id))
        return [entered, *([claim(once)] if once else []), *deciding(caller.asked)]

    def _retried[R](self, caller: Caller | None, attempt: Callable[[], R]) -> R:
        return _twice(attempt, partial(self._learn, caller))

    def _learn(self, caller: Caller | Working | None, again: RunAgain) -> None:
        if caller is not None and again.epoch is not None:
            self._placements.learn(caller.tenant_id, again.epoch)

    @contextmanager
    def _unit(
        self, caller: Caller | Working | None, first: Sequence[Statement[None]], *, read_only: bool = False
    ) -> Iterator[Unit]:
        if getattr(self._mine, "in_a_unit", False):
            raise NestedUnit(NestedUnit.__doc__)
        ahead = Ahead(caller)
        connection = self._connection()
        self._mine.in_a_unit = True
        use = self._uses.due(caller)
        asked: Asked | None = getattr(caller, "asked", None)
        refusal = asked.refusal if asked else None
        unit = Unit(connection, tenant_id=caller.tenant_id if caller else None, read_only=read_only)
        flight = Flight(connection)
        try:
            with observed_unit(flight, caller), flight:
                ahead.put(flight)
                unit.begin(flight, first, notes=bool(asked and asked.exposures))
                if refusal is None:
                    yield unit
                unit.commit(use)
        except psycopg.Error as error:
            if not unit.committed:
                raise _told(asked, ahead.told(error, translate(error, unit.outcome(error)))) from error
            logger.warning("failed behind the commit", reason=message_of(error))
        finally:
            self._mine.in_a_unit = False
            unit.leave()
            ahead.landed()
            if use and unit.committed:
                self._uses.sent(caller)
        unit.settle()
        if asked:
            asked.settle()
        if refusal:
            raise refusal

    def _connection(self) -> Connection:
        current: Connection | None = getattr(self._mine, "connection", None)
        if current is None or not connections.is_usable(current):
            if current is not None:
                current.close()
            with observed_connect():
                current = self._mine.connection = connections.connect(self._where)
            self._opened.add(current)
        return current


def _told(asked: Asked | None, error: Exception) -> Exception:
    """Where what it was decided by holds no more, the request learns what does, and is answered anew."""
    if asked is None or not isinstance(error, DecisionsStale):
        return error
    asked.learn(error.facts)
    return AskAgain()


class Works:
    """What a worker or a report may do in its tenant: each call is one unit of work, and enters by itself."""

    def __init__(self, unit: Callable[..., AbstractContextManager[Unit]], again: Callable[[RunAgain], None]) -> None:
        """Take what opens a unit in the tenant, and what learns from one that has to run again."""
        self._unit, self._again = unit, again

    def one[R](self, query: Query[R]) -> R:
        """The query's answer. One round trip."""

        def read() -> R:
            with self._unit(read_only=True) as unit:
                answer = unit.put(query)
            return answer.value

        return _twice(read, self._again)

    def do(self, *statements: Statement[Any]) -> None:
        """Carry all of them out, or none. One round trip."""

        def carry_out() -> None:
            with self._unit() as unit:
                answers = [unit.put(statement) for statement in statements]
            for answer in answers:
                _ = answer.value

        _twice(carry_out, self._again)

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """A unit whose statements depend on each other: `get` waits, `put` does not. It commits when the block ends."""
        try:
            with self._unit() as unit:
                yield Transaction(unit)
        except RunAgain as again:
            self._again(again)
            raise again.reason from again


def _twice[R](attempt: Callable[[], R], learn: Callable[[RunAgain], None]) -> R:
    try:
        return attempt()
    except RunAgain as again:
        learn(again)
    try:
        return attempt()
    except RunAgain as again:
        raise again.reason from again


class Transaction:
    """What a read-modify-write may do inside its unit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def get[R](self, query: Query[R]) -> R:
        """Send and wait: one round trip."""
        return self._unit.get(query)

    def put[R](self, statement: Statement[R]) -> Pending[R]:
        """Send without waiting; the answer is there when the block has committed."""
        return self._unit.put(statement)


_databases: list[Database] = []


@cache
def database(role: str = "freehold_api") -> Database:
    """The database of this process, as one of its roles. What a report reads may be a copy that only reads."""
    _databases.append(Database(conninfo(role)))
    return _databases[-1]


def hang_up() -> None:
    """Close all connections of this process. A database sleeps only when nobody is connected."""
    for each in _databases:
        each.close_all()
