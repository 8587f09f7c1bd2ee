"""What the cold start of Stripe's webhook needs: a secret to fetch over loopback, and requests that are signed."""

import copy
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from local.ports import LOOPBACK

SECRET = "whsec_of_the_bench"  # noqa: S105 (of a bench)
HELD = json.dumps({"secret_key": "sk_test_bench", "webhook_secrets": [SECRET]})
_numbers = count(int(time.time()) * 1000)


@contextmanager
def secrets_manager() -> Iterator[Mapping[str, str]]:
    """One that holds the keys to Stripe, for as long as the block runs; what a function is told of it."""
    with ThreadingHTTPServer((LOOPBACK, 0), _Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield {
            "FREEHOLD_STRIPE": "freehold/bench/stripe",
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{server.server_port}",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
        }
        server.shutdown()


def signed(example: Mapping[str, Any]) -> dict[str, Any]:
    """The example's request with an event that is new, signed a moment ago."""
    request = copy.deepcopy(dict(example))
    request["body"] = json.dumps(json.loads(request["body"]) | {"id": f"evt_{next(_numbers)}"})
    moment = int(time.time())
    signature = hmac.digest(SECRET.encode(), f"{moment}.{request['body']}".encode(), "sha256").hex()
    request["headers"]["stripe-signature"] = f"t={moment},v1={signature}"
    return request


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """GetSecretValue."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"SecretString": HELD}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
