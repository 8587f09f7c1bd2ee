"""A unit of work leaves in one write, and nothing follows its Sync: a pooler would give a connection for it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from pydantic import BaseModel

from freehold.database import connection as connections
from freehold.database.border import connection_lost
from freehold.database.connection import Connection
from freehold.database.flight import Flight
from local.postgres import SUPERUSER, Postgres

SYNC, FLUSH = b"S\0\0\0\x04", b"H\0\0\0\x04"


@contextmanager
def heard(port: int) -> Iterator[tuple[int, list[bytes]]]:
    """A port in front of that one, and what its client writes, a piece for each write."""
    pieces: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(("127.0.0.1", port)) as server:

        def upstream() -> None:
            client, _ = listener.accept()
            threading.Thread(target=downstream, args=(client,), daemon=True).start()
            while piece := client.recv(1 << 20):
                pieces.append(piece)
                server.sendall(piece)
            client.close()
            server.shutdown(socket.SHUT_RDWR)

        def downstream(client: socket.socket) -> None:
            with suppress(OSError):  # the other direction may have closed both
                while piece := server.recv(1 << 20):
                    client.sendall(piece)

        thread = threading.Thread(target=upstream, daemon=True)
        thread.start()
        yield listener.getsockname()[1], pieces
        thread.join(5)


@contextmanager
def sent(server: Postgres) -> Iterator[tuple[Connection, list[bytes]]]:
    with heard(server.port) as (port, pieces):
        where = server.conninfo(user=SUPERUSER).replace(f"port={server.port}", f"port={port}")
        connection = Connection.connect(where, autocommit=True, prepare_threshold=None)
        pieces.clear()
        yield connection, pieces
        connection.close()


@pytest.fixture
def connection(server: Postgres) -> Iterator[Connection]:
    connection = connections.connect(server.conninfo(user=SUPERUSER))
    connection.deadline = time.monotonic() + 30
    yield connection
    connection.close()


class Pair(BaseModel):
    name: str
    number: int | None


class TestWire:
    def test_a_flight_is_one_write_that_ends_with_its_sync(self, server: Postgres):
        with sent(server) as (connection, pieces):
            with Flight(connection) as flight:
                flight.put("begin", {})
                answer = flight.put("select %(x)s::int", {"x": 7})
                flight.put("commit", {})
            assert answer.fetchone() == (7,)
            assert len(pieces) == 1
            assert pieces[0].endswith(SYNC)
            assert FLUSH not in pieces[0]

    def test_the_control_psycopgs_own_pipeline_is_heard_flushing(self, server: Postgres):
        with sent(server) as (connection, pieces):
            with connection.pipeline():
                connection.execute("select 1")
            assert b"".join(pieces).endswith(FLUSH)

    def test_a_sync_in_the_middle_waits_for_answers_and_the_flight_goes_on(self, server: Postgres):
        with sent(server) as (connection, pieces):
            with Flight(connection) as flight:
                first = flight.put("select 1", {})
                flight.sync()
                assert first.fetchone() == (1,)
                second = flight.put("select 2", {})
            assert second.fetchone() == (2,)
            assert len(pieces) == 2

    def test_one_larger_than_any_buffer_arrives_whole_both_ways(self, connection: Connection):
        text = "x" * 20_000_000
        with Flight(connection) as flight:
            lengths = [flight.put("select length(%(text)s::text)", {"text": text}) for _ in range(2)]
            same = [flight.put("select %(text)s::text", {"text": text}) for _ in range(2)]
        assert [length.fetchone() for length in lengths] == [(len(text),)] * 2
        assert [one.fetchone() for one in same] == [(text,)] * 2


class TestStatement:
    @pytest.mark.parametrize(
        ("sql", "params", "row"),
        [
            ("select %(a)s::int, %(b)s::int, %(a)s::int", {"a": 1, "b": 2}, (1, 2, 1)),
            ("select 7 %% %(a)s::int", {"a": 4}, (3,)),
            ("select '%%', %(a)s::text", {"a": "%(b)s"}, ("%", "%(b)s")),
            ("select %(a)s::int[], %(b)s::uuid", {"a": [1, 2], "b": UUID(int=3)}, ([1, 2], UUID(int=3))),
            ("select %(a)s::text is null", {"a": None}, (True,)),
            ("select %(a)s::bytea", {"a": b"\0\xff"}, (b"\0\xff",)),
        ],
    )
    def test_says_what_psycopg_would(self, connection: Connection, sql: str, params: dict, row: tuple):
        with Flight(connection) as flight:
            answer = flight.put(sql, params)
        assert answer.fetchone() == row == connection.execute(sql.encode(), params).fetchone()

    def test_one_text_is_read_once_for_all_values(self, connection: Connection):
        with Flight(connection) as flight:
            answers = [flight.put("select %(a)s::int", {"a": number}) for number in range(3)]
        assert [answer.fetchone() for answer in answers] == [(0,), (1,), (2,)]


class TestLanding:
    def test_makes_rows_of_the_type_that_was_asked_for(self, connection: Connection):
        with Flight(connection) as flight:
            answer = flight.put("values ('a', 1), ('b', null), ('c', 3)", {})
            typed = flight.put("select * from (values ('a', 1), ('b', null)) v (name, number)", {}, Pair)
        assert answer.fetchone() == ("a", 1)
        assert answer.fetchall() == [("b", None), ("c", 3)]
        assert answer.fetchone() is None
        assert typed.fetchall() == [Pair(name="a", number=1), Pair(name="b", number=None)]

    def test_is_empty_before_the_answer_has_arrived(self, connection: Connection):
        with Flight(connection) as flight:
            answer = flight.put("select 1", {})
            assert (answer.fetchone(), answer.fetchall(), answer.command) == (None, [], "")
        assert answer.command == "SELECT 1"

    def test_of_a_statement_without_rows_is_empty(self, connection: Connection):
        with Flight(connection) as flight:
            answer = flight.put("begin", {})
            flight.put("commit", {})
        assert (answer.fetchone(), answer.command) == (None, "BEGIN")


class TestErrors:
    def test_the_first_one_is_raised_and_the_connection_lives(self, connection: Connection):
        def fly() -> None:
            with Flight(connection) as flight:
                flight.put("select 1 / 0", {})
                flight.put("select 'x'::int", {})

        with pytest.raises(psycopg.errors.DivisionByZero):
            fly()
        assert connection.execute("select 1").fetchone() == (1,)

    def test_a_value_that_cannot_travel_takes_nothing_along(self, connection: Connection):
        def fly() -> None:
            with Flight(connection) as flight:
                flight.put("begin", {})
                flight.put("create table public.half (id int)", {})
                flight.put("select %(a)s::text", {"a": "\0"})
                flight.put("commit", {})

        with pytest.raises(psycopg.DataError):
            fly()
        assert connection.info.transaction_status is TransactionStatus.INTRANS
        connection.rollback()
        assert connection.execute("select to_regclass('public.half')").fetchone() == (None,)

    def test_an_error_of_ours_lands_the_flight_first(self, connection: Connection):
        def fly() -> None:
            with Flight(connection) as flight:
                flight.put("begin", {})
                raise KeyError("ours")

        with pytest.raises(KeyError):
            fly()
        connection.rollback()
        assert connection.execute("select 1").fetchone() == (1,)

    def test_a_server_that_goes_is_a_lost_connection(self, connection: Connection, server: Postgres):
        def fly() -> None:
            with Flight(connection) as flight:
                flight.put("select pg_terminate_backend(pg_backend_pid())", {})
                flight.put("select 1", {})

        with pytest.raises(psycopg.OperationalError) as lost:
            fly()
        assert connection_lost(lost.value)
        assert connection.closed

    def test_nobody_waits_past_the_deadline(self, connection: Connection):
        def fly() -> None:
            with Flight(connection) as flight:
                flight.put("select pg_sleep(20)", {})

        connection.deadline = time.monotonic() + 0.3
        with pytest.raises(psycopg.OperationalError):
            fly()
        assert connection.closed
