"""What happens to a tenant's subscription, as its subscribers hear of it."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.billing.standing import Because
from freehold.fields import Timestamp
from freehold.messaging.events import EventType
from freehold.permissions import BILLING_READ, Access


class Subscribed(BaseModel):
    """What a tenant has subscribed to."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    plan: str = Field(examples=["pro"])
    add_ons: list[str] = Field(examples=[["support"]])
    interval: str | None = Field(examples=["month"])
    status: str = Field(examples=["active"])
    access: Access = Field(description="What the subscription gives; an operator may have given something else")
    seats: int | None
    currency: str | None = Field(examples=["usd"])
    current_period_end: Timestamp | None
    trial_end: Timestamp | None
    cancel_at: Timestamp | None
    past_due_since: Timestamp | None


class AccessChanged(BaseModel):
    """What the tenant may do now."""

    model_config = ConfigDict(frozen=True)

    id: UUID = Field(description="The tenant's")
    access: Access
    previous_access: Access
    because: Because = Field(
        description="What it comes from: the plan, a payment, a trial that is paused, or an operator"
    )


class InvoicePaid(BaseModel):
    """An invoice that is paid; amounts in the smallest unit of the currency."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    number: str | None = Field(examples=["F-0001"])
    currency: str = Field(examples=["usd"])
    total: int = Field(examples=[4900])
    amount_paid: int = Field(examples=[4900])
    paid_at: Timestamp | None


SUBSCRIPTION_CHANGED = EventType(
    name="billing.subscription_changed",
    description="The plan, what is bought beside it, its state or its period changed",
    data=Subscribed,
    permission=BILLING_READ,
)
TRIAL_ENDING = EventType(
    name="billing.trial_ending", description="A trial is about to end", data=Subscribed, permission=BILLING_READ
)
PAYMENT_FAILED = EventType(
    name="billing.payment_failed", description="A payment has failed", data=Subscribed, permission=BILLING_READ
)
PAYMENT_RECOVERED = EventType(
    name="billing.payment_recovered",
    description="What had not been paid was paid",
    data=Subscribed,
    permission=BILLING_READ,
)
SUBSCRIPTION_ENDED = EventType(
    name="billing.subscription_ended", description="A subscription has ended", data=Subscribed, permission=BILLING_READ
)
ACCESS_CHANGED = EventType(
    name="billing.access_changed",
    description="The tenant may do more than before, or less",
    data=AccessChanged,
    permission=BILLING_READ,
)
INVOICE_PAID = EventType(
    name="billing.invoice_paid", description="An invoice was paid", data=InvoicePaid, permission=BILLING_READ
)
