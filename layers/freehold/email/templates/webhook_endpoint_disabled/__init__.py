"""An endpoint has refused webhooks for so long that no more are sent to it."""

from uuid import UUID

from freehold.email.models import Line, Template
from freehold.fields import Moment


class WebhookEndpointDisabled(Template):
    """Which endpoint, at which host, and since when it has accepted nothing."""

    endpoint_id: UUID
    host: Line
    failing_since: Moment
