"""A customer's own server: it takes webhooks on loopback, verifies each, and remembers which it has had."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Self

from standardwebhooks import Webhook, WebhookVerificationError

from local.transport.server import Server


class Receiver:
    """Knows each customer's events, and under which `webhook-id` each came; those not signed are `forged`."""

    def __init__(self, *, watch: Callable[[str, str], None] = lambda _call, _when: None) -> None:
        self.forged = 0
        self._had: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._secrets: dict[str, str] = {}
        self._watch = watch
        self._server = Server(_handler(self))
        self.listener = self._server.where

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def url(self, customer: str) -> str:
        """Where this customer's webhooks go."""
        return f"http://{self.listener}/{customer}"

    def trust(self, customer: str, secret: str) -> None:
        """What this customer verifies with."""
        self._secrets[customer] = secret

    def take(self, customer: str, headers: dict[str, str], body: bytes) -> None:
        """Verify and remember."""
        self._watch("Webhook", "before")
        try:
            Webhook(self._secrets[customer]).verify(body, headers)
        except (KeyError, WebhookVerificationError):
            self.forged += 1
            return
        self._had[customer][json.loads(body)["id"]].add(headers["webhook-id"])
        self._watch("Webhook", "after")

    def events_of(self, customer: str) -> Mapping[str, set[str]]:
        """What this customer has had: the ids under which each event came."""
        return self._had[customer]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Customer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take it, then answer."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.take(self.path[1:], {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The delivery log tells it."""

    return Customer
