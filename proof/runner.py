"""Runs families side by side, one process each, and tells how far they are."""

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.queues import Queue

from proof.families import FAMILIES, Family
from proof.found import Found

type Progress = Callable[[str, int, int], None]
"""A family's name, how many steps are done, of how many."""

LOOK_EVERY = 0.2  # seconds
_steps: Queue[tuple[str, int, int]]


def run(families: Sequence[Family], progress: Progress, *, quick: bool = False) -> Found:
    """What all of them found. What goes wrong in one ends all."""
    context = multiprocessing.get_context("spawn")
    steps: Queue[tuple[str, int, int]] = context.Queue()
    workers = min(len(families), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, context, _begin, (steps,)) as pool:
        running = {family.name: pool.submit(_run, family.name, quick=quick) for family in families}
        try:
            _watch(running, steps, progress)
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.kill()
            raise
    return _sum([future.result() for future in running.values()])


def _watch(running: dict[str, Future[Found]], steps: "Queue[tuple[str, int, int]]", progress: Progress) -> None:
    while not all(future.done() for future in running.values()):
        for future in running.values():
            if future.done():
                future.result()
        try:
            progress(*steps.get(timeout=LOOK_EVERY))
        except queue.Empty:
            continue


def _begin(steps: "Queue[tuple[str, int, int]]") -> None:
    """In the worker: it ends when whoever started it is gone, and its server with it."""
    global _steps  # noqa: PLW0603 (a worker has one)
    _steps = steps
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os._exit(1)  # what it runs is on a leash, and ends as well


def _run(name: str, *, quick: bool) -> Found:
    family = next(family for family in FAMILIES if family.name == name)
    chosen = family.quick if quick and family.quick else family.run
    found = chosen(lambda done, of: _steps.put((name, done, of)))
    _steps.put((name, 1, 1))
    return found


def _sum(parts: Sequence[Found]) -> Found:
    whole = Found()
    for part in parts:
        whole.tally.add(part.tally)
        whole.verdicts.extend(part.verdicts)
        whole.remarks.extend(part.remarks)
    return whole
