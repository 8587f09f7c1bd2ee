"""POST /stripe/webhooks: verified over the bytes as they came, written down, answered. Nothing is done with it here."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from freehold.billing.events import LARGEST, parse
from freehold.billing.inbox import receive
from freehold.billing.signatures import verify
from freehold.database import database
from freehold.errors import PayloadTooLarge, SignatureRefused, Unavailable
from freehold.http import problems
from freehold.http.dialect import Dialect
from freehold.http.events import Event
from freehold.http.frame import framed
from freehold.http.lean import json_response
from freehold.http.warm import open_connection
from freehold.observability import logger
from freehold.secrets import BETWEEN_FETCHES, StripeKeys, stripe_keys
from functions.stripe_webhook.operations import StripeReceived

SIGNED = Dialect(("application/json",), problems.render, unread=True)


def respond(event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """Keep the event. Raises SignatureRefused, BadRequest, EventMisplaced, PayloadTooLarge, Unavailable."""
    body = event.body
    if len(body) > LARGEST:
        raise PayloadTooLarge(f"The event is larger than {LARGEST // 1024} KiB.")
    keys = _verified(event.headers.get("stripe-signature", ""), body)
    receive(database(), parse(body), keys)
    return json_response(StripeReceived().model_dump_json())


def _verified(header: str, body: bytes) -> StripeKeys:
    """The keys that fit. A secret that is not known may be a new one: then, they are looked at once more.

    A signature is as old as this machine's clock says, whatever time it is for the product.
    """
    keys, now = stripe_keys(), time.time()
    try:
        verify(header, body, keys.webhook_secrets, at=now)
    except SignatureRefused:
        keys = stripe_keys(younger_than=BETWEEN_FETCHES)
        verify(header, body, keys.webhook_secrets, at=now)
    return keys


def _open() -> None:
    """Fetch the keys while the database is connected to; what cannot be reached now, the first request tries again."""
    with ThreadPoolExecutor(1) as beside:
        keys = beside.submit(stripe_keys)
        open_connection()
    try:
        keys.result()
    except Unavailable as error:
        logger.warning("no keys to Stripe at init", exc_info=error)


_open()
handler = framed(respond, SIGNED)
