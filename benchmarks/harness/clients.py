"""Concurrent clients, each a process of its own: Python's lock then lets them work at the same time.

All clients run one way of working for the same stretch of time and say how many units they finished and what CPU time
it took them. They end with us: a client whose pipe is closed has nothing left to do.
"""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import psycopg

from benchmarks.harness.world import Row
from freehold.database import Database
from product.projects import permissions, queries

NAIVE, DOOR = "naive", "door"

ENTER = "select set_config('app.tenant_id', %s, true), set_config('app.scope', 'tenant', true)"

type Way = Callable[[Row], object]


@dataclass(frozen=True, slots=True)
class Load:
    """What all clients did together."""

    units_a_second: float
    cpu_seconds: float


class Clients:
    """Running clients, waiting for a stretch to run."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def run(self, way: str, *, seconds: float) -> Load:
        """All of them at once."""
        for pipe in self._pipes:
            pipe.send((way, seconds))
        answers: list[tuple[int, float]] = [pipe.recv() for pipe in self._pipes]
        return Load(sum(units for units, _ in answers) / seconds, sum(cpu for _, cpu in answers))


@contextmanager
def clients(number: int, where: str, rows: Sequence[Row]) -> Iterator[Clients]:
    """So many clients of one database."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(number)]
    processes = [context.Process(target=_client, args=(theirs, where, list(rows)), daemon=True) for _, theirs in pairs]
    try:
        for process in processes:
            process.start()
        for _, theirs in pairs:
            theirs.close()
        yield Clients([ours for ours, _ in pairs])
    finally:
        for ours, _ in pairs:
            ours.close()
        for process in processes:
            process.join()


def _client(pipe: Connection, where: str, rows: list[Row]) -> None:
    ways = {NAIVE: _naive(where), DOOR: _door(where)}
    try:
        while True:
            way, seconds = pipe.recv()
            pipe.send(_run(ways[way], rows, seconds))
    except (EOFError, KeyboardInterrupt):
        return


def _run(way: Way, rows: list[Row], seconds: float) -> tuple[int, float]:
    done, cpu, end = 0, time.process_time(), time.monotonic() + seconds
    while time.monotonic() < end:
        way(random.choice(rows))  # noqa: S311 (a sample, not a secret)
        done += 1
    return done, time.process_time() - cpu


def _door(where: str) -> Way:
    db = Database(where)
    return lambda row: db.one(row.caller, permissions.PROJECTS_READ, queries.project(row.project_id))


def _naive(where: str) -> Way:
    """What a repository with a session per request does, written as tightly as it can be."""
    connection = psycopg.connect(where, autocommit=True, prepare_threshold=None)

    def read(row: Row) -> object:
        query = queries.project(row.project_id)
        connection.execute("begin")
        connection.execute(ENTER, [str(row.tenant_id)])
        found = connection.execute(query.sql.encode(), {**query.params, "tenant_id": row.tenant_id}).fetchone()
        connection.execute("commit")
        return found

    return read
