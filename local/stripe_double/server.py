"""HTTP on loopback for the double: reads requests whole, writes answers whole, and loses them where it is told to."""

import contextlib
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import SplitResult, unquote, urlsplit

from local.ports import LOOPBACK, require_free

LARGEST = 2 * 1024 * 1024  # bytes
_IDLE_SECONDS = 60
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What arrived; the names of headers are in lower case."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes out."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer: the connection is held until the client gives up, at most so long, and then closed."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset:
    """No answer: the connection is reset at once."""


type Outcome = Response | Silence | Reset


class Server:
    """Serves from threads of this process, from entry to exit."""

    def __init__(self, answer: Callable[[Request], Outcome], *, port: int = 0, choose: str = "another port") -> None:
        if port:
            require_free(port, what="the Stripe double", choose=choose)
        self._server = _Server((LOOPBACK, port), answer)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Callable[[Request], Outcome]) -> None:
        self.answer = answer
        super().__init__(address, _Exchange)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- as the standard library has it
        """A client that goes away is nobody's error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def do_DELETE(self) -> None:
        self._exchange()

    def do_PUT(self) -> None:
        self._exchange()

    def do_PATCH(self) -> None:
        self._exchange()

    def _exchange(self) -> None:
        body, target = self._read(), _target(self.path)
        if body is None or target is None:
            self.close_connection = True
            self._send(Response(status=HTTPStatus.BAD_REQUEST, body=b"This cannot be read as a request."))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = unquote(target.path, errors="replace")
        request = Request(method=self.command, path=path, query=target.query, body=body, headers=headers)
        self._finish(self.server.answer(request))

    def _finish(self, outcome: Outcome) -> None:
        match outcome:
            case Response():
                self._send(outcome)
            case Silence():
                self._hold(outcome.seconds)
            case Reset():
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.connection.close()
                self.close_connection = True

    def _hold(self, seconds: float) -> None:
        """A client that gives up closes, which makes the connection readable."""
        select.select([self.connection], [], [], seconds)
        self.close_connection = True

    def _read(self) -> bytes | None:
        """The body; None where its length is no length, or too much."""
        length = self.headers.get("Content-Length") or "0"
        if not (length.isdecimal() and length.isascii()) or "Transfer-Encoding" in self.headers:
            return None
        if len(length) > len(str(LARGEST)) or int(length) > LARGEST:
            return None
        return self.rfile.read(int(length))

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(response.body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _target(path: str) -> SplitResult | None:
    """None where it is no address."""
    try:
        return urlsplit(path)
    except ValueError:
        return None
