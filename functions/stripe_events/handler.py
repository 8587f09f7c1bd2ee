"""The Lambda handler of the queue of Stripe's partner events: what a webhook takes, by another way in.

What is of another mode or account comes again, until it lies in the dead-letter queue.
"""

from typing import Any

from freehold.billing.inbox import receive
from freehold.billing.partner import PartnerEvent
from freehold.database import database
from freehold.messaging.batch import Failures, consume
from freehold.messaging.inbox import WORKER
from freehold.messaging.warm import open_connections
from freehold.secrets import stripe_keys

open_connections(WORKER)


def handler(event: dict[str, Any], context: Any) -> Failures:  # noqa: ANN401 (Lambda's)
    """Say which messages come again."""
    return consume(event, context, _take, body=PartnerEvent)


def _take(message: PartnerEvent) -> None:
    receive(database(WORKER), message.detail, stripe_keys())
