"""Processes that ask as fast as they can, as functions do whose tenant has a rate: each leases by itself.

A caller who is refused is back after a millisecond, which is sooner than any network allows.
"""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from freehold.callers import PersonCaller
from freehold.database import Database, Query
from freehold.errors import RateLimited
from freehold.permissions import TENANT_READ
from freehold.rates.leases import Leases
from freehold.rates.toll import Toll

RATE_CLASS = "read"
ONE: Query[object] = Query("select name from app.tenants", {}, lambda result: result.fetchone())
BACK_AFTER = 0.001  # seconds
AHEAD = 0.2  # seconds until all of them begin, at the same moment


@dataclass(frozen=True, slots=True)
class Asked:
    """What all of them did together."""

    accepted: int
    refused: int
    seconds: float
    """From the common beginning to the last answer."""


class Askers:
    """Running, and waiting to be told."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def begin(self, *, seconds: float) -> None:
        """All of them, at the same moment."""
        begin = time.monotonic() + AHEAD
        for pipe in self._pipes:
            pipe.send((begin, begin + seconds))

    def ended(self) -> Asked:
        """What they did, when they are done."""
        done: list[tuple[int, int, float]] = [pipe.recv() for pipe in self._pipes]
        return Asked(sum(a for a, _, _ in done), sum(r for _, r, _ in done), max(took for _, _, took in done))


@contextmanager
def askers(number: int, where: str, caller: PersonCaller) -> Iterator[Askers]:
    """So many of them, for one caller. They end with us."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(number)]
    processes = [context.Process(target=_ask, args=(theirs, where, caller), daemon=True) for _, theirs in pairs]
    try:
        for process in processes:
            process.start()
        for _, theirs in pairs:
            theirs.close()
        for ours, _ in pairs:
            ours.recv()  # it is connected
        yield Askers([ours for ours, _ in pairs])
    finally:
        for ours, _ in pairs:
            ours.close()
        for process in processes:
            process.join()


def _ask(pipe: Connection, where: str, caller: PersonCaller) -> None:
    db, leases = Database(where), Leases()
    db.connect()
    try:
        pipe.send("connected")
        while True:
            begin, end = pipe.recv()
            pipe.send(_until(db, leases, caller, begin, end))
    except (EOFError, KeyboardInterrupt):
        return


def _until(db: Database, leases: Leases, caller: PersonCaller, begin: float, end: float) -> tuple[int, int, float]:
    time.sleep(max(0.0, begin - time.monotonic()))
    answers = [0, 0]
    while time.monotonic() < end:
        accepted = admitted(db, leases, caller)
        answers[accepted] += 1
        if not accepted:
            time.sleep(BACK_AFTER)
    return answers[True], answers[False], time.monotonic() - begin


def admitted(db: Database, leases: Leases, caller: PersonCaller) -> bool:
    """Whether one request was let in, and answered."""
    try:
        db.one(replace(caller, toll=Toll(leases, RATE_CLASS)), TENANT_READ, ONE)
    except RateLimited:
        return False
    return True
