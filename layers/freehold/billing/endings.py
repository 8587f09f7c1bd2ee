"""How a subscription ends at once, and what becomes of what is open for time that was never delivered."""

from typing import Any

from freehold.billing.asking import Held
from freehold.billing.claims import PAUSED, UNPAID
from freehold.billing.remote_invoices import Invoice
from freehold.billing.work import Work


def end(work: Work, held: Held, details: dict[str, Any]) -> None:
    """What was used is billed; what is open for the rest of a period is given as credit, to be used once it is paid."""
    unpaid = _open(work, held)
    if held.subscription.status == PAUSED:  # it resumed on none of them, so nothing was delivered
        for invoice in unpaid:
            work.asking.void(invoice.id, key=work.key(f"void-{invoice.id}"))
    params = {"invoice_now": True, "prorate": _is_for_the_rest(held, unpaid), **details}
    work.asking.cancel(held.subscription.id, params, key=work.key(held.subscription.id))


def _open(work: Work, held: Held) -> list[Invoice]:
    if held.subscription.status not in (*UNPAID, PAUSED):
        return []
    found = work.asking.open_invoices(work.customer)
    return [each for each in found if each.subscription == held.subscription.id]


def _is_for_the_rest(held: Held, unpaid: list[Invoice]) -> bool:
    """Of an `unpaid` one later periods' invoices stay drafts that nobody can pay: nothing is given back of them."""
    return held.subscription.status in UNPAID and held.latest_invoice in {each.id for each in unpaid}
