"""Functions in processes of their own, one for each: ended at any moment, they begin again at the next call."""

import importlib
import itertools
import json
import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from local.lambda_context import Context

type Event = dict[str, Any]

_KIND = multiprocessing.get_context("forkserver")
_HEAVY = [
    "boto3",
    "requests",
    *(
        f"stripe.{module}"
        for module in ("_stripe_client", "_webhook", "_object_classes", "billing._meter_event_service")
    ),
    *(f"stripe._{thing}_service" for thing in ("charge", "customer", "invoice", "price", "subscription")),
    *(f"stripe._{thing}" for thing in ("charge", "customer", "invoice_payment", "subscription_item")),
    "freehold.billing.operations",
    "freehold.jobs.worker",
    "freehold.usage.metering",
    "product.plans",
]
"""Imported once, in the process that the others are forked from: none of it connects to anything."""


class Died(RuntimeError):
    """The function's process ended in the middle of a call."""


class Failed(RuntimeError):
    """The function raised."""


class FunctionProcess:
    """One function: `handler` names it as a Lambda function does, `environment` is all that it sees of the stage.

    Each of its `threads` is one execution environment, as far as connections go.
    """

    def __init__(  # noqa: PLR0913 (a function has this many properties)
        self,
        name: str,
        handler: str,
        environment: Mapping[str, str],
        *,
        log: Path,
        seconds: int = 60,
        threads: int = 1,
    ) -> None:
        self.name = name
        self._start = (name, handler, dict(environment), str(log), seconds, threads)
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it as kill -9 does, whatever it is doing."""
        if self._running:
            self._running.process.kill()

    def invoke(self, event: Event) -> Any:  # noqa: ANN401 (what the handler returned)
        """Its answer. Raises Died and Failed."""
        with self._lock:
            if self._running is None or self._running.is_over:
                self._running = _Running(*self._start)
            answer = self._running.send(event)
        return answer.result()


class _Running:
    """A process, and the calls that wait for it."""

    def __init__(self, name: str, *start: object) -> None:
        _KIND.set_forkserver_preload(_HEAVY)
        self._name = name
        self._pipe, theirs = _KIND.Pipe()
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Any]] = {}
        self.is_over = False
        self.process = _KIND.Process(target=_serve, args=(theirs, name, *start), daemon=True)
        self.process.start()
        theirs.close()
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, event: Event) -> Future[Any]:
        number, future = next(self._numbers), Future[Any]()
        self._waiting[number] = future
        try:
            self._pipe.send((number, event))
        except OSError:
            self._end()
        return future

    def _listen(self) -> None:
        try:
            while True:
                number, kind, answer = self._pipe.recv()
                future = self._waiting.pop(number)
                if kind == "failed":
                    future.set_exception(Failed(f"{self._name}: {answer}"))
                else:
                    future.set_result(answer)
        except (EOFError, OSError):
            self._end()

    def _end(self) -> None:
        self.is_over = True
        self.process.join()
        while self._waiting:
            _, future = self._waiting.popitem()
            future.set_exception(Died(self._name))


def _serve(  # noqa: PLR0913, PLR0917 (what `FunctionProcess` was given)
    pipe: Connection, name: str, handler: str, environment: Mapping[str, str], log: str, seconds: int, threads: int
) -> None:
    for variable in [v for v in os.environ if v.startswith(("AWS_", "FREEHOLD_"))]:
        del os.environ[variable]
    os.environ.update(environment)
    sys.stdout = sys.stderr = written = Path(log).open("a", buffering=1)  # noqa: SIM115 (as long as the process)
    for descriptor in (1, 2):  # a logger that is there already has kept what was `sys.stdout` before
        os.dup2(written.fileno(), descriptor)
    module, _, function = handler.rpartition(".")
    call = getattr(importlib.import_module(module), function)
    answering = threading.Lock()

    def answer(number: int, event: Event) -> None:
        try:
            kind, value = "done", call(event, Context.in_process(name, timeout_seconds=seconds))
            value = json.loads(json.dumps(value))
        except Exception as error:  # noqa: BLE001 (Lambda answers every error)
            traceback.print_exc()
            kind, value = "failed", f"{type(error).__name__}: {error}"
        with answering:
            pipe.send((number, kind, value))

    with ThreadPoolExecutor(threads) as pool:
        while True:
            try:
                pool.submit(answer, *pipe.recv())
            except EOFError:
                return
