"""What stands in the way of a change, of resuming and of subscribing anew: each is told with how it goes on."""

from collections.abc import Collection, Iterable

from freehold.billing.asking import Asking, Held
from freehold.billing.claims import CANCELED, PAUSED, UNPAID
from freehold.billing.dunning import is_unpaid
from freehold.billing.remote import Phase
from freehold.billing.remote_invoices import Invoice
from freehold.billing.targets import Target
from freehold.errors import PaymentDue, ResumeFirst

RESUME = "POST /v1/billing/resume"


def refuse_change(asking: Asking, customer: str, held: Held, target: Target) -> None:
    """Raises PaymentDue, as Stripe would credit what was never paid, and ResumeFirst where something is decided."""
    subscription = held.subscription
    if subscription.status in UNPAID:
        raise _due(_unpaid(asking, customer, {subscription.id}), "change your subscription")
    if subscription.status == PAUSED:
        raise ResumeFirst(f"Your subscription is paused. Let it go on first: {RESUME}.")
    if subscription.ends_at:
        raise ResumeFirst(f"Your subscription ends on {subscription.ends_at:%Y-%m-%d}. Resume it first: {RESUME}.")
    if target.effective == "now" and (phase := _agreed(held)):
        raise ResumeFirst(f"{_said(phase)} Take that back first ({RESUME}), or wait until then.")


def refuse_resumption(asking: Asking, customer: str, held: Held) -> None:
    """Raises PaymentDue where a paused one waits for a payment: asked for again, it would be charged again."""
    if owed := _unpaid(asking, customer, {held.subscription.id}):
        raise _due(owed, "resume your subscription")


def refuse_checkout(asking: Asking, customer: str, held: Iterable[Held]) -> None:
    """Raises PaymentDue: what is owed for a subscription that has ended is paid before there is another."""
    ended = {each.subscription.id for each in held if each.subscription.status == CANCELED}
    if ended and (owed := _unpaid(asking, customer, ended)):
        raise _due(owed, "subscribe again")


def _unpaid(asking: Asking, customer: str, subscriptions: Collection[str]) -> Invoice | None:
    found = asking.open_invoices(customer)
    return next((each for each in found if each.subscription in subscriptions and is_unpaid(each)), None)


def _due(invoice: Invoice | None, then: str) -> PaymentDue:
    said = f"An invoice is open. Pay it first, and {then} afterwards"
    if (link := invoice.hosted_invoice_url if invoice else None) is None:
        return PaymentDue(f"{said}: GET /v1/billing/invoices lists it.")
    return PaymentDue(f"{said}: {link}", link=link)


def _agreed(held: Held) -> Phase | None:
    """What comes after the period that is paid for. Of a schedule whose last phase has begun nothing is to come."""
    schedule, end = held.subscription.schedule, held.subscription.period_end
    phases = schedule.phases if schedule and end else ()
    return next((each for each in phases if end and each.start_date >= end), None)


def _said(phase: Phase) -> str:
    plan, interval = (phase.metadata.get(f"freehold_{name}") for name in ("plan", "interval"))
    what = f"The plan {plan} by the {interval}" if plan and interval else "Another plan"
    return f"{what} is agreed on from {phase.start_date:%Y-%m-%d} on."
