"""Runs every handler from the working tree, in one process: the emulator posts each event here.

One process means one environment, so a variable must have one value over all functions, and shared globals: what only
isolation between functions shows, shows only when they run as zips. Each invocation has a thread with an event loop of
its own, and a context of its own, as each has an execution environment of its own in Lambda.
"""

import asyncio
import contextvars
import datetime as dt
import importlib
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self

from freehold.settings import settings
from local import web
from local.errors import LocalError
from local.function_output import FunctionOutput, short_name
from local.lambda_context import Context
from local.template import UNFILLED

type Event = dict[str, Any]
type Handler = Callable[[Event, Context], object]

LARGEST_ANSWER = 6_291_556
_THREADS = 24
"""More than the workers of a sandbox can take at once, so that requests find one."""
_MOMENT = 1
"""Seconds."""
_MACHINERY = ("<frozen importlib", importlib.__file__, __file__)
_load = threading.Lock()
_output = FunctionOutput(sys.stdout)


def handler_of(path: str) -> Handler:
    """The handler that a function's `Handler` property names, imported at its first event."""
    module, _, name = path.rpartition(".")
    with _load:
        if module not in sys.modules:
            adopt_environment(os.environ["AWS_ENDPOINT_URL"])
        handler: Handler = getattr(importlib.import_module(module), name)
        return handler


def adopt_environment(endpoint: str) -> None:
    """Take over what the deployed functions' environments say: again for each that runs its first event.

    The first of them migrates the database, when most of the others are not deployed yet.
    """
    os.environ.update(deployed_environment(endpoint))
    settings.cache_clear()


def deployed_environment(endpoint: str) -> dict[str, str]:
    """The variables of all deployed functions together. Raises LocalError where one has two values."""
    functions = json.loads(web.get(f"{endpoint}/2015-03-31/functions/?MaxItems=10000").body)["Functions"]
    merged: dict[str, str] = {}
    for function in functions:
        for name, value in function.get("Environment", {}).get("Variables", {}).items():
            if merged.setdefault(name, value) != value and not name.startswith("MINISTACK_"):
                raise LocalError(f"{name} has two values, in {function['FunctionName']} and before; give it one.")
    return {name: value for name, value in merged.items() if not name.startswith("MINISTACK_")}


def invoke(path: str, event: Event, context: Context) -> tuple[int, bytes]:
    """HTTP status and body: what the handler returned, or its error in Lambda's shape, its traceback in the log.

    The deadline that one function's request has set is none of what the thread runs next.
    """
    return contextvars.Context().run(_invoke, path, event, context)


def _invoke(path: str, event: Event, context: Context) -> tuple[int, bytes]:
    name, begin = short_name(context.function_name), time.perf_counter()
    with _output.of(name):
        try:
            result = handler_of(path)(_filled_in(event), context)
            status, answer = 200, _encoded(result)
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- Lambda answers every error, a refused setting included
            print(_traceback(error))
            result = error
            status, answer = 500, json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()
        if not _output.has_request_line:
            _report(event, _outcome(result), begin)
    return status, answer


def _filled_in(event: Event) -> Event:
    """With the time at which the clock called, which EventBridge Scheduler fills in and the emulator does not."""
    if event.get("scheduled_at") != UNFILLED:
        return event
    return event | {"scheduled_at": dt.datetime.now(dt.UTC).isoformat()}


def _encoded(result: object) -> bytes:
    answer = json.dumps(result).encode()
    if len(answer) > LARGEST_ANSWER:
        raise LocalError(f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes).")
    return answer


def _traceback(error: BaseException) -> str:
    """Without the frames of the import machinery and of this file, which explain nothing."""
    report = traceback.TracebackException.from_exception(error)
    frames = [frame for frame in report.stack if not frame.filename.startswith(_MACHINERY)]
    report.stack = traceback.StackSummary.from_list(frames)
    return "".join(report.format()).rstrip()


def _outcome(result: object) -> str:
    match result:
        case BaseException():
            return "error"
        case {"statusCode": status}:
            return str(status)
        case {"isAuthorized": allowed}:
            return "authorized" if allowed else "refused"
        case _:
            return "done"


def _report(event: Event, outcome: str, begin: float) -> None:
    """One line for each invocation that left none itself, as Lambda writes its REPORT."""
    ms = round((time.perf_counter() - begin) * 1000, 1)
    record = {"level": "INFO", "message": "request", "route": event.get("routeKey", ""), "outcome": outcome, "ms": ms}
    print(json.dumps(record))


class _Invocation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, body = invoke(self.path[1:], event, Context.from_headers(dict(self.headers)))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Invocations report themselves."""


class FunctionHost(HTTPServer):
    """Serves on a socket that it was handed, so that a restart refuses nobody."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(listening.getsockname(), _Invocation, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self._threads = ThreadPoolExecutor(_THREADS, initializer=_give_event_loop)
        self._begun: dict[socket.socket, float] = {}

    def __exit__(self, *_: object) -> None:
        """Wait for what began a moment ago. What takes longer, as the relay does, has to survive its end anyway."""
        while any(time.monotonic() - begun < _MOMENT for begun in [*self._begun.values()]):
            time.sleep(0.01)

    def __enter__(self) -> Self:
        return self

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- as the base class has it
        """Hand the connection to a thread."""
        self._begun[request] = time.monotonic()
        self._threads.submit(self._serve, request, client_address)

    def _serve(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        try:
            self.finish_request(request, client_address)
        except ConnectionError:
            print("The emulator gave up waiting for an answer.")
        finally:
            self.shutdown_request(request)
            del self._begun[request]


def _give_event_loop() -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())


def main() -> None:
    """Serve until SIGTERM, then finish what has just begun."""
    sys.stdout = sys.stderr = _output  # before a handler's logger takes hold of them
    with FunctionHost(socket.socket(fileno=int(sys.argv[1]))) as host:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=host.shutdown).start())
        host.serve_forever(poll_interval=0.05)
    os._exit(0)  # Python would wait for every thread


if __name__ == "__main__":
    main()
