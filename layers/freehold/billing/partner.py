"""Stripe's events as EventBridge wraps them up: the same ones as by webhook, vouched for by AWS instead of a signature.

Source: https://docs.stripe.com/event-destinations/eventbridge#event-structure
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from freehold.messaging.batch import Body


class PartnerEvent(Body):
    """What the bus of Stripe's partner event source hands over; `detail` is Stripe's event."""

    id: str
    source: Annotated[str, Field(pattern=r"^aws\.partner/stripe\.com/")]
    detail: dict[str, Any]

    @property
    def traced(self) -> Mapping[str, str]:
        """Which one it is at AWS."""
        return {"request_id": self.id}
