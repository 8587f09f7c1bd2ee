"""Who has tried it once does not try it again by another name: a card that had a trial elsewhere ends this one.

The tenant and whoever signs up are looked at before a trial begins (checkout.py); the card is known only then.
"""

from typing import Protocol

from freehold.billing import queries, tries
from freehold.billing.claims import TRIALING
from freehold.billing.remote import Remote, Subscription
from freehold.database import Works
from freehold.ids import TenantId


class Trials(Protocol):
    """Stripe, as far as this needs it."""

    def end_trial(self, subscription_id: str, *, key: str) -> None:
        """As `freehold.billing.gateway.Stripe` does."""


def end_if_had(stripe: Trials, works: Works, tenant_id: TenantId, subscription: Subscription, remote: Remote) -> bool:
    """Whether the trial was ended: it is paid for from now on. Raises StripeBusy."""
    if subscription.status != TRIALING or (mark := _mark(subscription, remote)) is None:
        return False
    with works.transaction() as tx:
        taken = tx.put(queries.take_trial([mark]))
    if taken.value.yes:
        return False
    request = {"subscription": subscription.id, "trial_end": "now"}
    return tries.ask(works, tenant_id, "trial", request, lambda key: stripe.end_trial(subscription.id, key=key))


def _mark(subscription: Subscription, remote: Remote) -> str | None:
    usual = remote.customer.invoice_settings.default_payment_method if remote.customer else None
    method = subscription.default_payment_method or usual
    fingerprint = method.card.fingerprint if method and method.card else None
    return f"card {fingerprint}" if fingerprint else None
