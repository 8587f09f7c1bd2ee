"""What POST /stripe/webhooks is, for the OpenAPI document."""

from typing import Literal

from pydantic import BaseModel

from freehold.http.lean import Operation


class StripeReceived(BaseModel):
    """It is written down; else this is a problem, and Stripe sends it again."""

    received: Literal[True] = True


OPERATIONS = (
    Operation(
        method="POST", path="/stripe/webhooks", summary="Take an event that Stripe has signed", model=StripeReceived
    ),
)
