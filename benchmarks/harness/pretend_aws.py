"""The few answers of AWS that a function waits for while its memory is measured: taken, sent, stored."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.ports import LOOPBACK


@contextmanager
def pretend_aws() -> Iterator[str]:
    """Where it is, for as long as the block runs."""
    with ThreadingHTTPServer((LOOPBACK, 0), _Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()


def _answer(target: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    match target.rpartition(".")[2]:
        case "PutEvents":
            return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in asked["Entries"]]}
        case "SendMessageBatch":
            entries = [{"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""} for entry in asked["Entries"]]
            return {"Successful": entries, "Failed": []}
        case _:
            return {"MessageId": "m"}


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Of the services that are asked in JSON."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = json.dumps(_answer(self.headers.get("X-Amz-Target", ""), json.loads(body or b"{}"))).encode()
        self._say(said)

    def do_PUT(self) -> None:
        """Of S3."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._say(b"")

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
