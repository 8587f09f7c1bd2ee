"""Runs families side by side, one process each, and tells how far they are."""

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from types import FrameType
from typing import NoReturn

from local import processors
from proof.families import FAMILIES, Family
from proof.found import Found

type Progress = Callable[[str, int, int], None]
"""A family's name, how many steps are done, of how many."""

LOOK_EVERY, GRACE = 0.2, 10.0  # seconds
_wanted = True
_steps: Queue[tuple[str, int, int]]


def run(families: Sequence[Family], progress: Progress, *, quick: bool = False) -> Found:
    """What all of them found. What goes wrong in one ends all."""
    context = multiprocessing.get_context("spawn")
    steps: Queue[tuple[str, int, int]] = context.Queue()
    workers = min(len(families), os.cpu_count() or 1)
    numbers: Queue[int] = context.Queue()
    for number in range(workers):
        numbers.put(number)
    with ProcessPoolExecutor(workers, context, _begin, (steps, numbers, workers)) as pool:
        running = {family.name: pool.submit(_run, family.name, quick=quick) for family in families}
        try:
            _watch(running, steps, progress)
        except BaseException:
            _end(multiprocessing.active_children())
            raise
    return _sum([future.result() for future in running.values()])


def _end(workers: Sequence[BaseProcess]) -> None:
    """Let each take its server and its folder with it, but not for ever."""
    for worker in workers:
        worker.terminate()
    deadline = time.monotonic() + GRACE
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
        worker.kill()


def _watch(running: dict[str, Future[Found]], steps: "Queue[tuple[str, int, int]]", progress: Progress) -> None:
    while not all(future.done() for future in running.values()):
        for future in running.values():
            if future.done():
                future.result()
        try:
            progress(*steps.get(timeout=LOOK_EVERY))
        except queue.Empty:
            continue


def _begin(steps: "Queue[tuple[str, int, int]]", numbers: "Queue[int]", workers: int) -> None:
    """In the worker: it ends when it is told to, or when whoever started it is gone, and its server with it."""
    global _steps  # noqa: PLW0603 (a worker has one)
    _steps = steps
    processors.keep_together(numbers.get(), of=workers)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _unwind)
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)  # what it runs is on a leash, and ends as well


def _unwind(_number: int, _frame: FrameType | None) -> NoReturn:
    """Once what is running has tidied up, nothing more of this worker is wanted."""
    global _wanted  # noqa: PLW0603 (a worker has one)
    _wanted = False
    raise SystemExit(1)


def _run(name: str, *, quick: bool) -> Found:
    family = next(family for family in FAMILIES if family.name == name)
    chosen = family.quick if quick and family.quick else family.run
    try:
        found = chosen(lambda done, of: _steps.put((name, done, of)))
    finally:
        if not _wanted:
            os._exit(1)
    _steps.put((name, 1, 1))
    return found


def _sum(parts: Sequence[Found]) -> Found:
    whole = Found()
    for part in parts:
        whole.tally.add(part.tally)
        whole.verdicts.extend(part.verdicts)
        whole.remarks.extend(part.remarks)
        whole.skipped.extend(part.skipped)
    return whole
