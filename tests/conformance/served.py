"""The product behind HTTP on loopback, for clients that bring their own HTTP: each request goes through the gateway."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from freehold.database import database
from local.gateway import Answer, call
from local.ports import LOOPBACK


@contextmanager
def served() -> Iterator[str]:
    """The address that it answers at, for as long as the block runs."""
    server = HTTPServer((LOOPBACK, 0), _Requests)
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _serve(server: HTTPServer) -> None:
    """What its thread has opened, it closes."""
    server.serve_forever(0.05)
    database().close()
    with contextlib.suppress(RuntimeError):  # lean functions open no loop
        asyncio.get_event_loop().close()


class _Requests(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        asked = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        answer = self._called(unquote(asked.path), dict(parse_qsl(asked.query, keep_blank_values=True)), length)
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name != "content-length":
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _called(self, path: str, query: dict[str, str], length: int) -> Answer:
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = self.rfile.read(length) if length else None
        try:
            return call(self.command, path, raw=raw, headers=headers, query=query)
        except LookupError:  # as API Gateway answers
            return Answer(404, {"content-type": "application/json"}, '{"message":"Not Found"}')

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 (the library's names)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
