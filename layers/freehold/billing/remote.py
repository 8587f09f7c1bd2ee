"""What Stripe holds of one customer, in the fields that we need: parsed once, refused where one of them is missing.

A field that another version of the API has moved elsewhere is missing here, so it is never taken for empty.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SEATS = "freehold_seats"
"""Metadata of a subscription: how many seats there are at least, where somebody wants more than there are members."""
TENANT = "freehold_tenant"
"""Metadata of a customer: whose it is."""


def _id(value: object) -> object:
    """Of what may be expanded."""
    return value.get("id") if isinstance(value, Mapping) else value


def _listed(value: object) -> object:
    """Of a list as the API wraps it."""
    return value["data"] if isinstance(value, Mapping) else value or ()


def _expanded(value: object) -> object:
    """Nothing where only the id is there."""
    return value if isinstance(value, Mapping) else None


def _expanded_ones(value: object) -> object:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else ()


def _or_empty(value: object) -> object:
    return value or {}


type Ref = Annotated[str, BeforeValidator(_id)]
type Listed[T] = Annotated[tuple[T, ...], BeforeValidator(_listed)]
type Metadata = Annotated[dict[str, str], BeforeValidator(_or_empty)]


class Part(BaseModel):
    """Something of Stripe's. Moments come as seconds since 1970."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Price(Part):
    """What an item costs. `metadata` says what it is for."""

    id: str
    currency: str
    metadata: Metadata = {}
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


class Source(Part):
    """What a discount comes from."""

    coupon: Annotated[Coupon | None, BeforeValidator(_expanded)] = None


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


class PaymentMethod(Part):
    """What is charged."""

    id: str
    type: str
    card: Card | None = None


class NewItem(Part):
    """An item as it is going to be."""

    id: str
    price: Price
    quantity: int | None = None


class PendingUpdate(Part):
    """A change that comes into force once its invoice is paid; until then nothing has changed."""

    expires_at: datetime
    subscription_items: tuple[NewItem, ...] | None = None


class Subscription(Part):
    """A subscription, whatever its status."""

    id: str
    customer: Ref
    status: str
    currency: str
    created: datetime
    start_date: datetime
    items: Listed[Item]
    metadata: Metadata = {}
    discounts: Annotated[tuple[Discount, ...], BeforeValidator(_expanded_ones)] = ()
    trial_start: datetime | None
    trial_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    default_payment_method: Annotated[PaymentMethod | None, BeforeValidator(_expanded)] = None
    pending_update: PendingUpdate | None

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


class Transitions(Part):
    """When an invoice became what it is."""

    finalized_at: datetime | None = None
    paid_at: datetime | None = None


class SubscriptionDetails(Part):
    """Which subscription an invoice is of."""

    subscription: Ref


class Parent(Part):
    """What an invoice comes from."""

    subscription_details: SubscriptionDetails | None = None


class Amount(Part):
    """A part of an invoice's total."""

    amount: int


class Paid(Part):
    """How a part of an invoice was paid."""

    payment_intent: Ref | None = None
    charge: Ref | None = None


class Payment(Part):
    """A part of an invoice that was paid, or is to be."""

    payment: Paid


class Period(Part):
    """From when to when a line is."""

    start: datetime
    end: datetime


class LineParent(Part):
    """What a line comes from."""

    subscription_item_details: dict[str, Any] | None = None
    invoice_item_details: dict[str, Any] | None = None

    @property
    def proration(self) -> bool:
        """Whether it is for a part of a period."""
        details = self.subscription_item_details or self.invoice_item_details or {}
        return bool(details.get("proration"))


class Line(Part):
    """A line of an invoice."""

    description: str | None = None
    amount: int
    currency: str
    quantity: int | None = None
    period: Period
    parent: LineParent | None = None


class Invoice(Part):
    """An invoice. Amounts are in the currency's smallest unit."""

    id: str
    customer: Ref
    number: str | None
    status: str | None
    billing_reason: str | None
    currency: str
    subtotal: int
    total: int
    total_discount_amounts: tuple[Amount, ...] | None = None
    total_taxes: tuple[Amount, ...] | None = None
    amount_due: int
    amount_paid: int
    amount_remaining: int
    attempt_count: int
    next_payment_attempt: datetime | None
    hosted_invoice_url: str | None = None
    invoice_pdf: str | None = None
    period_start: datetime
    period_end: datetime
    created: datetime
    due_date: datetime | None
    status_transitions: Transitions
    parent: Parent | None
    payments: Listed[Payment] = ()
    lines: Listed[Line] = ()

    @property
    def subscription(self) -> str | None:
        """Which one it is of, if it is of one."""
        details = self.parent.subscription_details if self.parent else None
        return details.subscription if details else None


class Charge(Part):
    """What was charged, and how much of it went back."""

    id: str
    customer: Ref | None = None
    payment_intent: Ref | None
    amount_refunded: int
    disputed: bool


class InvoiceSettings(Part):
    """How a customer pays."""

    default_payment_method: Annotated[PaymentMethod | None, BeforeValidator(_expanded)] = None


class Customer(Part):
    """A customer; of one that was deleted only the id is left."""

    id: str
    deleted: bool = False
    metadata: Metadata = {}
    balance: int | None = None
    currency: str | None = None
    test_clock: Ref | None = None
    invoice_settings: InvoiceSettings = InvoiceSettings()


class Remote(BaseModel):
    """Everything of one customer, and what time it is there: a test clock has its own."""

    model_config = ConfigDict(frozen=True)

    customer: Customer | None = Field(description="None for a tenant that has never been at Stripe")
    subscriptions: tuple[Subscription, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    charges: tuple[Charge, ...] = ()
    now: datetime
