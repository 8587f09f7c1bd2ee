"""Many statements in one flight, as fast as the server takes them: what is timed is the server's work.

psycopg's cursors would spend more time on a statement than the server does, so the encoded statements go to libpq as
they are. They travel like a request's: unprepared, parsed and planned each time, parameters beside the text.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat, Transformer

from freehold.database import Statement

_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A statement in the wire's terms."""

    text: bytes
    values: Sequence[Buffer | None]
    types: tuple[int, ...]
    formats: Sequence[pq.Format]


def encode(connection: psycopg.Connection, statement: Statement[Any], tenant_id: object) -> Encoded:
    """As psycopg would send it."""
    return encode_sql(connection, statement.sql, {**statement.params, "tenant_id": tenant_id})


def encode_sql(connection: psycopg.Connection, sql: str, params: Mapping[str, Any]) -> Encoded:
    """Numbers instead of names; the parameters in the form and with the types that psycopg chooses."""
    names = list(dict.fromkeys(_PARAMETER.findall(sql)))
    text = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql).replace("%%", "%")
    adapter = Transformer(connection)
    values = adapter.dump_sequence([params[name] for name in names], [PyFormat.AUTO] * len(names))
    return Encoded(text.encode(), values, adapter.types or (), adapter.formats or ())


def burst(connection: psycopg.Connection, statements: Sequence[Encoded]) -> float:
    """Seconds from the first byte to the last answer. Raises the first error."""
    wire = connection.pgconn
    wire.enter_pipeline_mode()
    begin = time.perf_counter()
    for statement in statements:
        wire.send_query_params(
            statement.text, statement.values, param_types=statement.types, param_formats=statement.formats
        )
    wire.pipeline_sync()
    error = _read_all(connection)
    took = time.perf_counter() - begin
    wire.exit_pipeline_mode()
    if error:
        raise psycopg.DatabaseError(error)
    return took


def _read_all(connection: psycopg.Connection) -> str:
    """The first error's text; empty where there was none."""
    wire, error = connection.pgconn, ""
    while True:
        result = wire.get_result()
        if result is None:
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return error
        if result.status == pq.ExecStatus.FATAL_ERROR and not error:
            error = result.get_error_message()
