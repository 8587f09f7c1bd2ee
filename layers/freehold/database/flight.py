"""Statements that leave in one write, with one Sync behind them, and the answers to all of them.

libpq's pipeline mode without psycopg's cursors: those cost more processor time than the server needs to answer, write
each statement by itself, and end with a Flush behind the Sync. By then the server may have answered, and a transaction
pooler have taken its connection back: it assigns one for the Flush, which nobody answers, and keeps it for this client.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from re import compile as pattern
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import abc, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.waiting import Wait
from pydantic import BaseModel

_PLACE = pattern(rb"%\((\w+)\)s|%%")


class Landing:
    """Where the answer to one statement arrives. Reading it before a sync finds nothing."""

    def __init__(self, adapt: abc.Transformer, row: type[BaseModel] | None) -> None:
        self._adapt, self._row = adapt, row
        self._result: pq.abc.PGresult | None = None
        self._next = 0

    def take(self, result: pq.abc.PGresult) -> None:
        """It has arrived."""
        self._result = result

    @property
    def command(self) -> str:
        """What the server says that it did: `COMMIT`, `UPDATE 1`; nothing before it has said so."""
        return (self._result.command_status or b"").decode() if self._result else ""

    def fetchone(self) -> Any:  # noqa: ANN401 (the row type is the statement's)
        """The next row, or None."""
        rows = self._rows(self._next, self._next + 1)
        self._next += 1
        return rows[0] if rows else None

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        rows = self._rows(self._next, self._result.ntuples if self._result else 0)
        self._next += len(rows)
        return rows

    def _rows(self, first: int, last: int) -> list[Any]:
        if self._result is None or first >= self._result.ntuples:
            return []
        self._adapt.set_pgresult(self._result)
        return self._adapt.load_rows(first, last, self._maker(self._result))

    def _maker(self, result: pq.abc.PGresult) -> Callable[[Sequence[Any]], Any]:
        if self._row is None:
            return tuple
        names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
        validate = self._row.model_validate
        return lambda values: validate(dict(zip(names, values, strict=True)))


class Flight:
    """One pipeline on a connection. It lands when its block ends, with a last sync and no other trip."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._wire = connection, connection.pgconn
        self._adapt: abc.Transformer = Transformer(connection)
        self._awaited: deque[Landing] = deque()
        self._error: psycopg.Error | None = None
        self.sent: list[str] = []
        """What was put, as it was given."""
        self.round_trips = 0
        self.seconds = 0.0
        """For how long its answers were waited for."""

    def __enter__(self) -> Self:
        self._wire.enter_pipeline_mode()
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None) -> None:
        """After an error of ours, what was begun is taken back by whoever looks at the transaction's status."""
        try:
            if kind is None:
                self.sync()
            elif self._wire.status == pq.ConnStatus.OK:
                with contextlib.suppress(psycopg.Error):
                    self.sync()
        finally:
            self._land()

    def put(self, sql: str, params: Mapping[str, Any], row: type[BaseModel] | None = None) -> Landing:
        """Into libpq's buffer; nothing is sent yet. Raises psycopg.DataError for what PostgreSQL cannot hold."""
        text, names = _numbered(sql)
        values = self._adapt.dump_sequence([params[name] for name in names], [PyFormat.AUTO] * len(names))
        landing = Landing(self._adapt, row)
        self._wire.send_query_params(text, values, param_types=self._adapt.types, param_formats=self._adapt.formats)
        self._awaited.append(landing)
        self.sent.append(sql)
        return landing

    def sync(self) -> None:
        """Send all and wait for all answers. Raises the first error that the server answered, or a lost connection."""
        began = time.perf_counter()
        try:
            self._wire.pipeline_sync()
            self._connection.wait(self._exchange())
        finally:
            self.round_trips += 1
            self.seconds += time.perf_counter() - began
        if self._error:
            error, self._error = self._error, None
            raise error

    def _exchange(self) -> abc.PQGen[None]:
        """Answers are read while statements are still being sent: a server that cannot answer stops reading."""
        while self._wire.flush():
            if (yield Wait.RW) & Wait.R:
                self._wire.consume_input()
        while True:
            while self._wire.is_busy():
                if (yield Wait.R):
                    self._wire.consume_input()
            result = self._wire.get_result()
            if result is None:
                self._awaited.popleft()
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                return
            else:
                self._take(result)

    def _take(self, result: pq.abc.PGresult) -> None:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            self._error = self._error or error_from_result(result)
        elif result.status != pq.ExecStatus.PIPELINE_ABORTED:
            self._awaited[0].take(result)

    def _land(self) -> None:
        """Out of pipeline mode, or out of the connection: half a flight is of no use to the next one."""
        try:
            self._wire.exit_pipeline_mode()
        except psycopg.Error:
            self._connection.close()


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """`%(name)s` as `$1`, and the names in that order: statements are few, and each is asked for often."""
    names: dict[str, int] = {}

    def place(found: Any) -> bytes:  # noqa: ANN401 (a match of bytes)
        if found[1] is None:
            return b"%"
        return b"$%d" % names.setdefault(found[1].decode(), len(names) + 1)

    text = _PLACE.sub(place, sql.encode())
    return text, tuple(names)
