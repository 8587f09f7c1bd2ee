"""The Lambda handler of the queue of notifications: what happened becomes mails."""

from typing import Any

from freehold.email.service import notify
from freehold.messaging.batch import BusMessage, Failures, consume
from freehold.messaging.inbox import WORKER
from freehold.messaging.warm import open_connections

open_connections(WORKER)


def handler(event: dict[str, Any], context: Any) -> Failures:  # noqa: ANN401 (Lambda's)
    """Say which messages come again."""
    return consume(event, context, notify, body=BusMessage)
