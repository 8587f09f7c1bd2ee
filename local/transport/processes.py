"""Functions in processes of their own, one for each: ended at any moment, they begin again at the next call."""

import importlib
import json
import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from local.lambda_context import Context

type Event = dict[str, Any]

_KIND = multiprocessing.get_context("forkserver")
_HEAVY = ["boto3", "psycopg", "pydantic", "aws_lambda_powertools", "freehold.database"]
"""Imported once, in the process that the others are forked from: none of it connects to anything."""


class Died(RuntimeError):
    """The function's process ended in the middle of a call."""


class Failed(RuntimeError):
    """The function raised."""


class FunctionProcess:
    """One function: `handler` names it as a Lambda function does, `environment` is all that it sees of the stage."""

    def __init__(
        self, name: str, handler: str, environment: Mapping[str, str], *, log: Path, seconds: int = 60
    ) -> None:
        self.name, self._handler, self._environment = name, handler, dict(environment)
        self._log, self._seconds = log, seconds
        self._turn = threading.Lock()
        self._process: Any = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it as kill -9 does, whatever it is doing."""
        if self._process is not None:
            self._process.kill()

    def invoke(self, event: Event) -> Any:  # noqa: ANN401 (what the handler returned)
        """Its answer. Raises Died and Failed."""
        with self._turn:
            pipe = self._alive()
            try:
                pipe.send((event, self._seconds))
                kind, answer = pipe.recv()
            except (EOFError, OSError) as error:
                self._process.join()
                self._process = None
                raise Died(self.name) from error
        if kind == "failed":
            raise Failed(f"{self.name}: {answer}")
        return answer

    def _alive(self) -> Connection:
        if self._process is None or self._pipe is None or not self._process.is_alive():
            _KIND.set_forkserver_preload(_HEAVY)
            self._pipe, theirs = _KIND.Pipe()
            arguments = (theirs, self.name, self._handler, self._environment, str(self._log))
            self._process = _KIND.Process(target=_serve, args=arguments, daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe


def _serve(pipe: Connection, name: str, handler: str, environment: Mapping[str, str], log: str) -> None:
    for variable in [v for v in os.environ if v.startswith(("AWS_", "FREEHOLD_"))]:
        del os.environ[variable]
    os.environ.update(environment)
    sys.stdout = sys.stderr = Path(log).open("a", buffering=1)  # noqa: SIM115 (as long as the process)
    module, _, function = handler.rpartition(".")
    call = getattr(importlib.import_module(module), function)
    while True:
        try:
            event, seconds = pipe.recv()
        except EOFError:
            return
        try:
            answer = ("done", json.loads(json.dumps(call(event, Context.in_process(name, timeout_seconds=seconds)))))
        except Exception as error:  # noqa: BLE001 (Lambda answers every error)
            traceback.print_exc()
            answer = ("failed", f"{type(error).__name__}: {error}")
        pipe.send(answer)
