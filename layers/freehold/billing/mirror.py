"""The rows that our copy of Stripe has to consist of, made from what Stripe holds; a pure function, as standing is.

Both sides of a comparison are rows of this form: those that should be, and those that are.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, LiteralString, Self
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from freehold.billing.plans import Catalog
from freehold.billing.remote import Card, Discount, PaymentMethod, Remote, Subscription
from freehold.billing.remote_invoices import Charge, Invoice, Line
from freehold.billing.standing import Standing
from freehold.permissions import Access

STRIPE = UUID("6f1d6c0e-6a5e-5d0c-9a55-3c2f1f7d5e10")
"""What the ids of copies are made in."""


SHOWN_OF_CARDS = [name for name, field in Card.model_fields.items() if not field.exclude]


class Row(BaseModel):
    """Columns of a table, by their names."""

    model_config = ConfigDict(frozen=True)


class AccountRow(Row):
    """What a tenant has subscribed to."""

    plan: str
    add_ons: tuple[str, ...]
    interval: str | None
    status: str
    access: Access
    seats: int | None
    currency: str | None
    subscription_id: str | None
    current_period_start: datetime | None
    current_period_end: datetime | None
    trial_end: datetime | None
    trial_used_at: datetime | None
    cancel_at: datetime | None
    ended_at: datetime | None
    past_due_since: datetime | None
    pending_change: dict[str, Any] | None
    discount: dict[str, Any] | None
    payment_method: dict[str, Any] | None
    balance: int


class SubscriptionRow(Row):
    """A subscription at Stripe."""

    id: UUID
    stripe_id: str
    status: str
    currency: str
    items: list[dict[str, Any]]
    discounts: list[dict[str, Any]]
    pending_update: dict[str, Any] | None
    current_period_start: datetime | None
    current_period_end: datetime | None
    trial_start: datetime | None
    trial_end: datetime | None
    cancel_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    past_due_since: datetime | None
    started_at: datetime | None


class InvoiceRow(Row):
    """An invoice at Stripe."""

    id: UUID
    stripe_id: str
    subscription_id: str | None
    number: str | None
    status: str
    billing_reason: str | None
    currency: str
    subtotal: int
    discount: int
    tax: int
    total: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    amount_refunded: int
    disputed: bool
    attempt_count: int
    next_payment_attempt: datetime | None
    hosted_url: str | None
    pdf_url: str | None
    period_start: datetime | None
    period_end: datetime | None
    issued_at: datetime
    due_at: datetime | None
    paid_at: datetime | None
    lines: list[dict[str, Any]]


PAGES: tuple[LiteralString, ...] = ("hosted_url", "pdf_url")
"""Columns of an invoice in which Stripe answers with another token each time; the old ones go on working."""


class Mirror(Row):
    """All rows of one tenant, and what it may do."""

    access: Access
    account: AccountRow
    subscriptions: tuple[SubscriptionRow, ...]
    invoices: tuple[InvoiceRow, ...]

    @classmethod
    def of(cls, remote: Remote, standing: Standing, catalog: Catalog) -> Self:
        """What the tables should hold."""
        return cls(
            access=standing.holds,
            account=_account(remote, standing, catalog),
            subscriptions=tuple(_subscription(each, standing) for each in remote.subscriptions),
            invoices=tuple(_invoices(remote)),
        )


def _account(remote: Remote, standing: Standing, catalog: Catalog) -> AccountRow:
    """What a subscription leaves behind that gives nothing any more is its id and when it ended."""
    counts = standing.subscription
    alive = counts if counts and counts.ended_at is None and standing.interval else None
    trials = [each.trial_start for each in remote.subscriptions if each.trial_start]
    return AccountRow(
        plan=standing.plan,
        add_ons=standing.add_ons,
        interval=standing.interval,
        status=standing.status,
        access=standing.access,
        seats=standing.seats,
        currency=(counts.currency if counts else None) or (remote.customer.currency if remote.customer else None),
        subscription_id=counts.id if counts else None,
        current_period_start=alive.period_start if alive else None,
        current_period_end=alive.period_end if alive else None,
        trial_end=counts.trial_end if counts else None,
        trial_used_at=min(trials, default=None),
        cancel_at=alive.ends_at if alive else None,
        ended_at=counts.ended_at if counts else None,
        past_due_since=standing.past_due_since,
        pending_change=_pending(alive, catalog, remote.now) if alive else None,
        discount=next(map(_discount, alive.discounts), None) if alive else None,
        payment_method=_payment_method(remote, counts),
        balance=(remote.customer.balance if remote.customer else None) or 0,
    )


def _pending(subscription: Subscription, catalog: Catalog, now: datetime) -> dict[str, Any] | None:
    """What comes into force once it is paid, or once its time has come."""
    if pending := subscription.pending_update:
        bought = catalog.plan_of([item.price.metadata for item in pending.subscription_items or ()])
        return {
            "plan": bought.plan.id if bought else None,
            "interval": bought.interval if bought else None,
            "when": "paid",
            "until": pending.expires_at.isoformat(),
        }
    phases = subscription.schedule.phases if subscription.schedule else ()
    if coming := next((phase for phase in phases if phase.start_date > now), None):
        plan, interval = (coming.metadata.get(f"freehold_{name}") for name in ("plan", "interval"))
        return {"plan": plan, "interval": interval, "when": "period_end", "until": coming.start_date.isoformat()}
    return None


def _payment_method(remote: Remote, subscription: Subscription | None) -> dict[str, Any] | None:
    own = subscription.default_payment_method if subscription else None
    usual = remote.customer.invoice_settings.default_payment_method if remote.customer else None
    return _shown_method(own or usual)


def _shown_method(method: PaymentMethod | None) -> dict[str, Any] | None:
    if method is None:
        return None
    card = method.card.model_dump() if method.card else dict.fromkeys(SHOWN_OF_CARDS)
    return {"type": method.type, **card}


def _discount(discount: Discount) -> dict[str, Any]:
    coupon = discount.source.coupon
    return {
        "id": discount.id,
        "end": discount.end.isoformat() if discount.end else None,
        **({f"coupon_{name}": value for name, value in coupon.model_dump().items()} if coupon else {}),
    }


def _subscription(subscription: Subscription, standing: Standing) -> SubscriptionRow:
    counts = standing.subscription is not None and standing.subscription.id == subscription.id
    return SubscriptionRow(
        id=uuid5(STRIPE, subscription.id),
        stripe_id=subscription.id,
        status=subscription.status,
        currency=subscription.currency,
        items=[item.model_dump(mode="json") for item in subscription.items],
        discounts=[_discount(each) for each in subscription.discounts],
        pending_update=subscription.pending_update.model_dump(mode="json") if subscription.pending_update else None,
        current_period_start=subscription.period_start,
        current_period_end=subscription.period_end,
        trial_start=subscription.trial_start,
        trial_end=subscription.trial_end,
        cancel_at=subscription.ends_at,
        canceled_at=subscription.canceled_at,
        ended_at=subscription.ended_at,
        past_due_since=standing.past_due_since if counts else None,
        started_at=subscription.start_date,
    )


def _invoices(remote: Remote) -> Iterator[InvoiceRow]:
    charges = {each.payment_intent: each for each in remote.charges} | {each.id: each for each in remote.charges}
    for invoice in remote.invoices:
        paid = (payment.payment for payment in invoice.payments)
        keys = {key for each in paid for key in (each.payment_intent, each.charge) if key}
        found = {charges[key].id: charges[key] for key in keys if key in charges}
        yield _invoice(invoice, found.values())


def _invoice(invoice: Invoice, charges: Iterable[Charge]) -> InvoiceRow:
    held = tuple(charges)
    return InvoiceRow(
        id=uuid5(STRIPE, invoice.id),
        stripe_id=invoice.id,
        subscription_id=invoice.subscription,
        number=invoice.number,
        status=invoice.status or "draft",
        billing_reason=invoice.billing_reason,
        currency=invoice.currency,
        subtotal=invoice.subtotal,
        discount=sum(each.amount for each in invoice.total_discount_amounts or ()),
        tax=sum(each.amount for each in invoice.total_taxes or ()),
        total=invoice.total,
        amount_due=invoice.amount_due,
        amount_paid=invoice.amount_paid,
        amount_remaining=invoice.amount_remaining,
        amount_refunded=sum(charge.amount_refunded for charge in held),
        disputed=any(charge.disputed for charge in held),
        attempt_count=invoice.attempt_count,
        next_payment_attempt=invoice.next_payment_attempt,
        hosted_url=invoice.hosted_invoice_url,
        pdf_url=invoice.invoice_pdf,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        issued_at=invoice.status_transitions.finalized_at or invoice.created,
        due_at=invoice.due_date,
        paid_at=invoice.status_transitions.paid_at,
        lines=[_line(each) for each in invoice.lines],
    )


def _line(line: Line) -> dict[str, Any]:
    """As clients of ours see it."""
    return {
        "description": line.description,
        "amount": line.amount,
        "currency": line.currency,
        "quantity": line.quantity,
        "proration": line.parent.proration if line.parent else False,
        "period_start": line.period.start.isoformat(),
        "period_end": line.period.end.isoformat(),
    }
