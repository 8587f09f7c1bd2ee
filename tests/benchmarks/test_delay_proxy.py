"""The proxy adds its millisecond to each round trip, and counts those that are there."""

import shutil
import time

import psycopg
import pytest

from benchmarks.harness.delay_proxy import far_from
from local.postgres import SUPERUSER, Postgres

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


def test_it_delays_and_counts(server: Postgres):
    with far_from(server.port) as distance:
        where = server.conninfo(user=SUPERUSER).replace(f"port={server.port}", f"port={distance.port}")
        with psycopg.connect(where, autocommit=True, prepare_threshold=None) as connection:
            before, begin = distance.round_trips, time.perf_counter()
            for _ in range(50):
                connection.execute("select 1").fetchone()
            took = time.perf_counter() - begin
            assert distance.round_trips - before == 50
    assert took >= 50 * 0.001


def test_what_is_sent_without_waiting_is_one_round_trip(server: Postgres):
    with far_from(server.port) as distance:
        where = server.conninfo(user=SUPERUSER).replace(f"port={server.port}", f"port={distance.port}")
        with psycopg.connect(where, autocommit=True, prepare_threshold=None) as connection:
            before = distance.round_trips
            with connection.pipeline():
                for _ in range(20):
                    connection.execute("select 1")
            assert distance.round_trips - before == 1
