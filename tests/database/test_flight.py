"""A unit of work leaves in one write, and nothing follows its Sync: a pooler would give a connection for it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from freehold.database import connection as connections
from freehold.database.connection import Connection
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
            while piece := server.recv(1 << 20):
                client.sendall(piece)

        thread = threading.Thread(target=upstream, daemon=True)
        thread.start()
        yield listener.getsockname()[1], pieces
        thread.join(5)


@contextmanager
def sent(server: Postgres, connect: type[psycopg.Connection]) -> Iterator[tuple[psycopg.Connection, list[bytes]]]:
    with heard(server.port) as (port, pieces):
        where = server.conninfo(user=SUPERUSER).replace(f"port={server.port}", f"port={port}")
        connection = connect.connect(where, autocommit=True, prepare_threshold=None)
        pieces.clear()
        yield connection, pieces
        connection.close()


def work(connection: psycopg.Connection) -> psycopg.Cursor:
    with connection.pipeline():
        connection.execute("begin")
        answer = connection.execute("select %s::int", [7])
        connection.execute("commit")
    return answer


def fail(connection: psycopg.Connection) -> None:
    with connection.pipeline():
        connection.execute("select 1 / 0")
        connection.execute("select 1")


def test_a_flight_is_one_write_that_ends_with_its_sync(server: Postgres):
    with sent(server, Connection) as (connection, pieces):
        assert work(connection).fetchone() == (7,)
        assert len(pieces) == 1
        assert pieces[0].endswith(SYNC)
        assert FLUSH not in pieces[0]


def test_the_control_psycopgs_own_pipeline_is_heard_flushing(server: Postgres):
    with sent(server, psycopg.Connection) as (connection, pieces):
        work(connection)
        assert b"".join(pieces).endswith(FLUSH)


def test_a_sync_in_the_middle_waits_for_answers_and_the_flight_goes_on(server: Postgres):
    with sent(server, Connection) as (connection, pieces):
        with connection.pipeline() as flight:
            first = connection.execute("select 1")
            flight.sync()
            assert first.fetchone() == (1,)
            second = connection.execute("select 2")
        assert second.fetchone() == (2,)
        assert len(pieces) == 2


def test_a_flight_larger_than_any_buffer_arrives_whole(server: Postgres):
    text = "x" * 20_000_000
    with connections.connect(server.conninfo(user=SUPERUSER)) as connection, connection.pipeline():
        connection.execute("begin")
        length = connection.execute("select length(%s::text)", [text])
        same = connection.execute("select %s::text", [text])
        connection.execute("commit")
    assert length.fetchone() == (len(text),)
    assert same.fetchone() == (text,)


def test_the_first_error_of_a_flight_is_raised_and_the_connection_lives(server: Postgres):
    with connections.connect(server.conninfo(user=SUPERUSER)) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            fail(connection)
        assert connection.execute("select 1").fetchone() == (1,)
