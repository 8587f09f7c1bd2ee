"""A customer's server on this machine: takes webhooks as a customer would, with the verifier that customers have.

Deployed functions reach public addresses only; on a laptop they are told that this one listener is allowed as well.
"""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import standardwebhooks

from local.log_stream import LogStream
from local.ports import LOOPBACK, require_free

_LARGEST = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Webhook:
    """What arrived, word for word."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """Its body."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    def is_signed_with(self, secret: str) -> bool:
        """Whether whoever has this secret would believe it now."""
        with suppress(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(secret).verify(self.body, dict(self.headers))
            return True
        return False

    def with_body(self, body: bytes) -> Self:
        """The same headers over another body, as a forger would send it."""
        return replace(self, body=body)


class Customer:
    """Answers from threads of this process, keeps what arrives, and tells of each in the log.

    A webhook at a path whose secret it was told is refused where the signature is another's.
    """

    def __init__(self, logs: LogStream, *, port: int = 0, choose: str = "another port") -> None:
        if port:
            require_free(port, what="webhooks", choose=choose)
        self.webhooks: list[Webhook] = []
        self.secrets: dict[str, str] = {}
        """By path."""
        self._logs = logs
        self._server = _Server((LOOPBACK, port), self)
        self.listener = f"{LOOPBACK}:{self._server.server_port}"
        self.url = f"http://{self.listener}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, webhook: Webhook) -> HTTPStatus:
        """What a customer answers."""
        secret = self.secrets.get(webhook.path)
        is_believed = secret is None or webhook.is_signed_with(secret)
        self._logs.write(_log_line(webhook, "no secret known" if secret is None else is_believed))
        if not is_believed:
            return HTTPStatus.UNAUTHORIZED
        self.webhooks.append(webhook)
        return HTTPStatus.NO_CONTENT


def _log_line(webhook: Webhook, verified: bool | str) -> str:  # noqa: FBT001 (a column of the line)
    try:
        what = webhook.event["type"]
    except (ValueError, TypeError, KeyError):
        what = "something that is no event"
    return json.dumps(
        {"level": "INFO", "function": "webhook", "message": what, "path": webhook.path, "verified": verified}
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], customer: Customer) -> None:
        self.customer = customer
        super().__init__(address, _Taker)


class _Taker(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(min(length, _LARGEST))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(self.server.customer.take(Webhook(self.path, headers, body)))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """The stream of logs tells of it."""
