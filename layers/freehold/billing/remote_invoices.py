"""Invoices and charges as Stripe holds them."""

from datetime import datetime
from typing import Any

from freehold.billing.remote_parts import Listed, Part, Ref


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
    """Of an invoice's total."""

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


class Dispute(Part):
    """A charge that a cardholder wants back, shown whole: a dispute does not say whose it is."""

    id: str
    charge: Charge
