"""Lambda's side of a function: the Runtime API that `awslambdaric` asks for events, and the clock around a cold start.

A stub serves one new process: it hands out one event and takes the answer. What it says leaves at once (Nagle's
algorithm is off), or it would wait for an acknowledgement.
"""

import json
import queue
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

from local.ports import LOOPBACK
from local.processes import environment

_ARN = "arn:aws:lambda:eu-central-1:000000000000:function:bench"
_PATIENCE_SECONDS = 30


class FunctionFailed(Exception):
    """The function did not answer, or not well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What a new process is given: a handler, where its code lies, and its environment."""

    python: Path
    handler: str
    root: Path
    path: Sequence[Path]
    """What is on PYTHONPATH after the root."""
    env: Mapping[str, str]


def cold_start(package: Package, event: Mapping[str, Any], *, log: IO[bytes], options: Sequence[str] = ()) -> float:
    """Seconds from starting a process to its first answer, which has to be 200. Raises FunctionFailed."""
    with _listening() as server:
        server.events.put(json.dumps(event).encode())
        begin = time.perf_counter()
        process = _process(package, server.server_port, log, options)
        try:
            ended, body = server.answers.get(timeout=_PATIENCE_SECONDS)
        except queue.Empty:
            raise FunctionFailed(f"{package.handler} gave no answer in {_PATIENCE_SECONDS} s.") from None
        finally:
            process.kill()
            process.wait()
    if json.loads(body).get("statusCode") != HTTPStatus.OK:
        raise FunctionFailed(f"{package.handler} answered {body.decode()[:300]}")
    return ended - begin


def peak_mb(package: Package, events: Sequence[Mapping[str, Any]], *, log: IO[bytes]) -> tuple[float, list[bytes]]:
    """The most memory that a process ever held, in MB, after these calls; and its answers, whatever they say."""
    answers = []
    with _listening() as server:
        process = _process(package, server.server_port, log)
        try:
            for event in events:
                server.events.put(json.dumps(event).encode())
                _, body = server.answers.get(timeout=_PATIENCE_SECONDS)
                answers.append(body)
            status = Path(f"/proc/{process.pid}/status").read_text()
        except (queue.Empty, FileNotFoundError):
            raise FunctionFailed(f"{package.handler} gave no answer in {_PATIENCE_SECONDS} s.") from None
        finally:
            process.kill()
            process.wait()
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak) / 1024, answers


def _process(package: Package, port: int, log: IO[bytes], options: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [package.python, "-s", "-S", *options, "-m", "awslambdaric", package.handler],
        cwd=package.root,
        env=_environment(package, port),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _environment(package: Package, port: int) -> dict[str, str]:
    given = {
        "AWS_LAMBDA_RUNTIME_API": f"{LOOPBACK}:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "LAMBDA_TASK_ROOT": str(package.root),
        "PYTHONPATH": ":".join(str(part) for part in (package.root, *package.path)),
        "PYTHONDONTWRITEBYTECODE": "1",  # what Lambda mounts is read-only
        "_HANDLER": package.handler,
    }
    return environment(**(given | dict(package.env)))


@contextmanager
def _listening() -> Iterator["_Server"]:
    """A stub on a free port, for one process."""
    server = _Server((LOOPBACK, 0), _Page)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.events.put(None)
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], page: type[BaseHTTPRequestHandler]) -> None:
        self.events: queue.Queue[bytes | None] = queue.Queue()
        self.answers: queue.Queue[tuple[float, bytes]] = queue.Queue()
        super().__init__(address, page)

    def handle_error(self, *_: object) -> None:
        """A process that is ended hangs up in the middle; that is no news."""


class _Page(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """`/2018-06-01/runtime/invocation/next`; the second time it waits for an end that comes from outside."""
        event = self.server.events.get()
        if event is None:
            return
        self._answer(
            HTTPStatus.OK,
            event,
            {
                "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                "Lambda-Runtime-Invoked-Function-Arn": _ARN,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + _PATIENCE_SECONDS) * 1000)),
            },
        )

    def do_POST(self) -> None:
        """`…/response` is the function's answer; `…/error` and `init/error` are its last words."""
        body = self._body()
        self.server.answers.put((time.perf_counter(), body))
        self._answer(HTTPStatus.ACCEPTED, b"{}", {})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
