"""A connection as the server sees it: statements prepared once and kept, and answers read byte by byte.

psycopg would forget its prepared statements with each ROLLBACK. The plans that PostgreSQL keeps are where tenants have
met before, so the attack talks to libpq itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

_SAID = (
    DiagnosticField.MESSAGE_PRIMARY,
    DiagnosticField.MESSAGE_DETAIL,
    DiagnosticField.MESSAGE_HINT,
    DiagnosticField.CONTEXT,
)
DENIED = "42501"
"""The state that says so, whether by a missing privilege or by a policy."""
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement came to. `state` is its SQLSTATE, empty where it succeeded."""

    state: str = ""
    said: str = ""
    """The error's words."""
    rows: int = 0
    """How many came back."""
    touched: int = 0
    """How many the server says it read or changed."""
    data: bytes = b""
    """All that came back, as text."""

    @property
    def worked(self) -> bool:
        """Whether the server did not refuse."""
        return not self.state


class Wire:
    """One connection, in one role's name from the beginning to the end."""

    def __init__(self, conninfo: str, *, acting_as: str = "") -> None:
        """`acting_as` takes a superuser's connection and gives it to a role, which nothing but the superuser ends."""
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._libpq = self._connection.pgconn
        self._prepared: dict[str, bytes] = {}
        self._role = acting_as
        if acting_as:
            self.must(f'set session authorization "{acting_as}"')

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def run(self, sql: str, *, copying: bytes = b"") -> Outcome:
        """One statement, or several, sent as text; a COPY FROM gets what it copies."""
        return self._outcome(self._libpq.exec_(sql.encode()), copying)

    def must(self, sql: str) -> Outcome:
        """The same, where anything but success is a mistake of the proof's own."""
        outcome = self.run(sql)
        if not outcome.worked:
            raise psycopg.InternalError(f"{sql}: {outcome.said}")
        return outcome

    def prepare(self, sql: str) -> Outcome:
        """Once; the server keeps it for as long as the connection lives."""
        if sql in self._prepared:
            return Outcome()
        name = f"p{len(self._prepared)}".encode()
        outcome = self._outcome(self._libpq.prepare(name, sql.encode()))
        if outcome.worked:
            self._prepared[sql] = name
        return outcome

    def execute(self, sql: str, values: list[str | None]) -> Outcome:
        """What was prepared."""
        given: Any = [None if value is None else value.encode() for value in values]
        return self._outcome(self._libpq.exec_prepared(self._prepared[sql], given))

    def enter(self, settings: Mapping[str, str]) -> None:
        """Open a transaction with these settings."""
        assignments = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())
        self.must("begin; select " + (assignments or "1"))

    def leave(self) -> None:
        """Undo everything since then."""
        self.must("rollback")

    def as_superuser(self, sql: str, values: list[str | None]) -> bytes:
        """Look at what the transaction has done, past every policy; nothing but `leave` may follow."""
        self.must("set constraints all immediate; set local session authorization default")
        if not (outcome := self.prepare(sql)).worked:
            raise psycopg.InternalError(outcome.said)
        return self.execute(sql, values).data

    def has_written(self) -> bool:
        """Whether the transaction has locked or changed a row so far."""
        return bool(self.must("select pg_current_xact_id_if_assigned()").data)

    def between(self, sql: str) -> bool:
        """Do something as the superuser, and go on in the role's name; whether it worked, and undone where not."""
        self.must("set local session authorization default; savepoint between")
        worked = self.run(sql).worked
        self.must(f'{"release" if worked else "rollback to"} between; set local session authorization "{self._role}"')
        return worked

    def _outcome(self, result: PGresult, copying: bytes = b"") -> Outcome:
        match result.status:
            case ExecStatus.COPY_OUT:
                return self._copied_out()
            case ExecStatus.COPY_IN:
                return self._copied_in(copying)
            case status if status in _FAILED:
                fields = (result.error_field(field) or b"" for field in _SAID)
                state = (result.error_field(DiagnosticField.SQLSTATE) or b"XX000").decode()
                return Outcome(state=state, said=" ".join(part.decode() for part in fields if part))
        values = (result.get_value(row, column) for row in range(result.ntuples) for column in range(result.nfields))
        data = b"\n".join(value for value in values if value is not None)
        return Outcome(rows=result.ntuples, touched=result.command_tuples or 0, data=data)

    def _copied_out(self) -> Outcome:
        parts = []
        while True:
            size, part = self._libpq.get_copy_data(0)
            if size <= 0:
                break
            parts.append(bytes(part))
        ended = self._last()
        return Outcome(ended.state, ended.said, len(parts), ended.touched, b"".join(parts))

    def _copied_in(self, copying: bytes) -> Outcome:
        self._libpq.put_copy_data(copying)
        self._libpq.put_copy_end()
        return self._last()

    def _last(self) -> Outcome:
        outcome = Outcome()
        while (result := self._libpq.get_result()) is not None:
            outcome = self._outcome(result)
        return outcome
