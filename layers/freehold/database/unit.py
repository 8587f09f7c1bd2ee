"""One unit of work on one connection: what was sent, what came back, and whether it was committed."""

import contextlib
import math
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from freehold import clock
from freehold.database.border import Outcome, connection_lost
from freehold.database.connection import Connection
from freehold.database.flight import Flight, Landing
from freehold.database.statement import Query, Statement
from freehold.ids import TenantId

LONGEST = 10.5  # seconds; the server gives a transaction up after 10


class Unfinished(Exception):
    """The answer of a statement was read before its unit of work committed. Read it after the block."""


class UnitOver(Exception):
    """A unit of work was used after its block had ended. Open a new one: db.transaction."""


class Pending[R]:
    """The answer of a statement that was sent; it can be read once its unit has committed."""

    def __init__(self, statement: Statement[R], landing: Landing) -> None:
        self._statement, self._landing = statement, landing
        self._settled = False

    def settle(self) -> None:
        """The unit has committed."""
        self._settled = True

    @property
    def value(self) -> R:
        """The answer. Raises Unfinished, or what the statement raises when no row matched."""
        if not self._settled:
            raise Unfinished(str(Unfinished.__doc__))
        return self._statement.read(self._landing)


class Unit:
    """Collects the statements of one transaction and says afterwards what became of them."""

    def __init__(self, connection: Connection, *, tenant_id: TenantId | None, read_only: bool) -> None:
        self._connection, self._read_only = connection, read_only
        self._given = {"tenant_id": tenant_id} if tenant_id else {}
        self._pending: list[Pending[Any]] = []
        self._committing = False
        self._commit: Landing | None = None
        self._over = False

    def begin(self, flight: Flight, first: Sequence[Statement[None]], *, notes: bool = False) -> None:
        """Open the transaction, and what goes ahead of every statement.

        `notes` is whether some of that writes what may be written twice: a unit that reads can still be repeated.
        """
        self._flight = flight
        self._connection.deadline = clock.deadline(LONGEST)
        flight.put("begin read only" if self._read_only and not notes else "begin", {})
        for statement in first:
            self._send(statement)

    def put[R](self, statement: Statement[R]) -> Pending[R]:
        """Send without waiting."""
        pending = Pending(statement, self._send(statement))
        self._pending.append(pending)
        return pending

    def get[R](self, query: Query[R]) -> R:
        """Send and wait."""
        landing = self._send(query)
        self._flight.sync()
        return query.read(landing)

    def commit(self, behind: Statement[None] | None = None) -> None:
        """Send COMMIT; its answer is looked at in `settle`. What comes behind it is a transaction of its own."""
        self._committing = True  # before it is sent: sending can fail after the server has it
        self._commit = self._flight.put("commit", {})
        if behind:
            self._send(behind)

    @property
    def committed(self) -> bool:
        """Whether the server said COMMIT; a failed transaction answers ROLLBACK without an error."""
        return self._commit is not None and self._commit.command == "COMMIT"

    def settle(self) -> None:
        """Make the answers readable. Raises when the transaction was not committed after all."""
        if not self.committed:
            raise psycopg.InternalError("the transaction was rolled back although no statement failed")
        for pending in self._pending:
            pending.settle()

    def outcome(self, error: psycopg.Error) -> Outcome:
        """What became of this unit after `error`."""
        if not connection_lost(error):
            return Outcome.REFUSED
        if self._read_only or not self._committing:
            return Outcome.NOTHING_HAPPENED
        return Outcome.UNKNOWN

    def leave(self) -> None:
        """Leave the connection idle, or closed: never inside a transaction, and nothing more goes through this unit."""
        self._over = True
        if not self._connection.closed and not _is_idle(self._connection):
            self._roll_back()
        self._connection.deadline = math.inf

    def _roll_back(self) -> None:
        with contextlib.suppress(psycopg.Error):
            self._connection.rollback()
        if not _is_idle(self._connection):
            self._connection.close()

    def _send(self, statement: Statement[Any]) -> Landing:
        if self._over:  # by now the connection may be in another tenant
            raise UnitOver(UnitOver.__doc__)
        return self._flight.put(statement.sql, {**statement.params, **self._given}, statement.row)


def _is_idle(connection: Connection) -> bool:
    return connection.info.transaction_status is TransactionStatus.IDLE
