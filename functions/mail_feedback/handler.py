"""The Lambda handler of the queue of bounces and complaints: who sends mails back gets no more of them."""

from typing import Any

from freehold.email.feedback import Feedback
from freehold.email.service import hear
from freehold.messaging.batch import Failures, consume
from freehold.messaging.inbox import WORKER
from freehold.messaging.warm import open_connections

open_connections(WORKER)


def handler(event: dict[str, Any], context: Any) -> Failures:  # noqa: ANN401 (Lambda's)
    """Say which messages come again."""
    return consume(event, context, hear, body=Feedback)
