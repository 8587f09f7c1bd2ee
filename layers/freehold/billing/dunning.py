"""What follows from a payment that fails: a ladder, whose steps are days in the plan catalog."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from freehold.billing.plans import Mail, Step
from freehold.billing.remote_invoices import Invoice
from freehold.permissions import Access

ORDER = tuple(Access)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """How far down a tenant is. `mail` is None before the first step."""

    access: Access
    mail: Mail | None
    after_days: int
    next_at: datetime | None


def least(*accesses: Access) -> Access:
    """The one that allows least."""
    return min(accesses, key=ORDER.index)


def rung(steps: Sequence[Step], *, since: datetime, now: datetime) -> Rung:
    """Where the ladder stands at this moment. It never leads up again by waiting."""
    reached = [step for step in steps if _at(step, since) <= now]
    last = max(reached, key=lambda step: step.after_days, default=None)
    return Rung(
        access=least(Access.FULL, *(step.access for step in reached)),
        mail=last.mail if last else None,
        after_days=last.after_days if last else 0,
        next_at=min((_at(step, since) for step in steps if _at(step, since) > now), default=None),
    )


def unpaid_since(subscription: str, invoices: Iterable[Invoice]) -> datetime | None:
    """Since when something of this subscription is not paid, although it was tried or is due."""
    return min(
        (_due_at(each) for each in invoices if each.subscription == subscription and is_unpaid(each)), default=None
    )


def is_unpaid(invoice: Invoice) -> bool:
    """Whether it is open although it was tried, or is due at a date."""
    return (
        invoice.status == "open"
        and invoice.amount_remaining > 0
        and (invoice.attempt_count > 0 or invoice.due_date is not None)
    )


def _due_at(invoice: Invoice) -> datetime:
    """When it was first tried, as near as an invoice tells: it is, as soon as it is final."""
    return invoice.due_date or invoice.status_transitions.finalized_at or invoice.created


def _at(step: Step, since: datetime) -> datetime:
    return since + timedelta(days=step.after_days)
