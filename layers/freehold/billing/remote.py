"""What Stripe holds of one customer, in the fields that we need."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from freehold.billing.remote_invoices import Charge, Invoice
from freehold.billing.remote_parts import Listed, Metadata, Part, Ref, expanded, expanded_ones

SEATS = "freehold_seats"
"""Metadata of a subscription: how many seats there are at least, where somebody wants more than there are members."""
TENANT = "freehold_tenant"
"""Metadata of a customer: whose it is."""


class Price(Part):
    """What an item costs. `metadata` says what it is for."""

    id: str
    currency: str
    metadata: Metadata = Field(default_factory=dict)
    unit_amount: int | None = None


class Item(Part):
    """One part of a subscription."""

    id: str
    price: Price
    quantity: int | None = None
    current_period_start: datetime
    current_period_end: datetime


class Coupon(Part):
    """What a discount takes off."""

    id: str
    name: str | None = None
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str | None = None
    duration: str | None = Field(None, exclude=True)


class Source(Part):
    """What a discount comes from."""

    coupon: Annotated[Coupon | None, BeforeValidator(expanded)] = None


class Discount(Part):
    """What takes something off each invoice, until its end."""

    id: str
    end: datetime | None = None
    source: Source


class Card(Part):
    """What may be shown of a card."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str | None = Field(None, exclude=True, description="The same for the same number; shown to nobody")


class PaymentMethod(Part):
    """What is charged."""

    id: str
    type: str
    card: Card | None = None


class NewItem(Part):
    """An item as it is going to be."""

    price: Price


class PendingUpdate(Part):
    """A change that comes into force once its invoice is paid; until then nothing has changed."""

    expires_at: datetime
    subscription_items: tuple[NewItem, ...] | None = None


class Phase(Part):
    """What a subscription is to be from then on; `metadata` says which plan that is."""

    start_date: datetime
    metadata: Metadata = Field(default_factory=dict)


class Schedule(Part):
    """What is decided about a subscription's future."""

    phases: tuple[Phase, ...]


class Subscription(Part):
    """A subscription, whatever its status."""

    id: str
    customer: Ref
    status: str
    currency: str
    created: datetime
    start_date: datetime
    items: Listed[Item]
    metadata: Metadata = Field(default_factory=dict)
    discounts: Annotated[tuple[Discount, ...], BeforeValidator(expanded_ones)] = ()
    trial_start: datetime | None
    trial_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    default_payment_method: Annotated[PaymentMethod | None, BeforeValidator(expanded)] = None
    pending_update: PendingUpdate | None
    schedule: Annotated[Schedule | None, BeforeValidator(expanded)] = None

    @property
    def period_end(self) -> datetime | None:
        """When the next invoice is due; of several intervals, the soonest."""
        return min((item.current_period_end for item in self.items), default=None)

    @property
    def period_start(self) -> datetime | None:
        """Of the same period."""
        soonest = min(self.items, key=lambda item: item.current_period_end, default=None)
        return soonest.current_period_start if soonest else None

    @property
    def ends_at(self) -> datetime | None:
        """When it ends by what somebody has decided."""
        return self.cancel_at or (self.period_end if self.cancel_at_period_end else None)


class InvoiceSettings(Part):
    """How a customer pays."""

    default_payment_method: Annotated[PaymentMethod | None, BeforeValidator(expanded)] = None


class Customer(Part):
    """A customer; of one that was deleted only the id is left."""

    id: str
    deleted: bool = False
    metadata: Metadata = Field(default_factory=dict)
    balance: int | None = None
    currency: str | None = None
    test_clock: Ref | None = None
    invoice_settings: InvoiceSettings = InvoiceSettings()


class Remote(BaseModel):
    """Everything of one customer, and what time it is there: a test clock has its own."""

    model_config = ConfigDict(frozen=True)

    customer: Customer | None
    """None for a tenant that has never been at Stripe."""
    subscriptions: tuple[Subscription, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    charges: tuple[Charge, ...] = ()
    now: datetime
