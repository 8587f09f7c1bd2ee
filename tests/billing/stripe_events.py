"""Events as Stripe writes and signs them, and what the inbox holds of them."""

import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg

from freehold.billing.events import API_VERSION
from local.gateway import Answer, call
from tests.conftest import STRIPE

SECRET = STRIPE["webhook_secrets"][0]
PATH = "/stripe/webhooks"
HEADER = "stripe-signature"


def event(**changes: Any) -> dict[str, Any]:
    """Of a customer that nobody has linked."""
    customer = f"cus_{uuid4().hex}"
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "type": "customer.subscription.updated",
        "request": {"id": "req_1", "idempotency_key": "key-1"},
        "data": {"object": {"id": "sub_1", "object": "subscription", "customer": customer, "status": "active"}},
    } | changes


def thin(**changes: Any) -> dict[str, Any]:
    """One that only names what it is about: a meter that has rejected what it was told."""
    meter = f"mtr_test_{uuid4().hex}"
    return {
        "id": f"evt_test_{uuid4().hex}",
        "object": "v2.core.event",
        "type": "v1.billing.meter.error_report_triggered",
        "created": "2026-11-22T07:00:43.366Z",
        "livemode": False,
        "context": None,
        "reason": None,
        "related_object": {"id": meter, "type": "billing.meter", "url": f"/v1/billing/meters/{meter}"},
    } | changes


def written(told: object) -> bytes:
    return json.dumps(told).encode()


def signature(body: bytes, *, secret: str = SECRET, moment: str | int | None = None) -> str:
    """The hex of scheme v1."""
    at = int(time.time()) if moment is None else moment
    return hmac.digest(secret.encode(), f"{at}.".encode() + body, "sha256").hex()


def signed(body: bytes, *, secret: str = SECRET, moment: str | int | None = None) -> str:
    """The whole header."""
    at = int(time.time()) if moment is None else moment
    return f"t={at},v1={signature(body, secret=secret, moment=at)}"


def post(body: bytes, header: str | None = None, **headers: str) -> Answer:
    """As API Gateway hands it over, in base64; signed well unless another header is given."""
    given = signed(body) if header is None else header
    return call("POST", PATH, raw=body, headers={HEADER: given, **headers})


def stored(superuser: str, event_id: str) -> list[tuple[Any, ...]]:
    """`(subject, state, type, object_id, idempotency_key)` of each row that there is of the event."""
    with psycopg.connect(superuser) as connection:
        return connection.execute(
            "select subject, state, type, object_id, idempotency_key from directory.stripe_events where event_id = %s",
            [event_id],
        ).fetchall()


def count(superuser: str) -> int:
    with psycopg.connect(superuser) as connection:
        return one(connection.execute("select count(*) from directory.stripe_events"))


def one(rows: Iterator[tuple[Any, ...]]) -> Any:
    [[value]] = rows
    return value
