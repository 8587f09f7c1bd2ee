"""A webhook that answers first, and writes down afterwards what it was told."""

from threading import Timer
from typing import Any

from freehold.billing.events import parse
from freehold.billing.inbox import receive
from freehold.database import database
from freehold.http.events import Event
from freehold.http.frame import framed
from freehold.http.lean import json_response
from freehold.secrets import stripe_keys
from functions.stripe_webhook.handler import SIGNED
from functions.stripe_webhook.operations import StripeReceived

SOON = 0.05  # seconds; long enough to have answered


def respond(event: Event, _context: Any) -> dict[str, Any]:
    Timer(SOON, receive, (database(), parse(event.body), stripe_keys())).start()
    return json_response(StripeReceived().model_dump_json())


handler = framed(respond, SIGNED)
