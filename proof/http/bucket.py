"""A bucket on loopback that takes what is put into it: S3's double, where only what a worker writes is of interest."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import unquote

from local.ports import LOOPBACK


class Bucket:
    """Serves from threads of this process. It knows files in one piece and nothing else."""

    def __init__(self) -> None:
        self._server = _Server((LOOPBACK, 0), _Handler)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def read(self) -> dict[str, str]:
        """The files that were written since this was asked last, by their paths."""
        files, self._server.files = self._server.files, {}
        return files


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # as they are
        self.files: dict[str, str] = {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.files[unquote(self.path)] = data.decode(errors="replace")
        self.send_response(HTTPStatus.OK)
        self.send_header("ETag", '"proof"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
