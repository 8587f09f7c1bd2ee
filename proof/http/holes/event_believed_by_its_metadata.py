"""An event of Stripe's is about the tenant that its metadata names: whoever may write metadata there names another."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.billing import inbox
from freehold.billing.events import StripeEvent
from freehold.billing.inbox import Received
from freehold.database import Statement
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("POST /stripe/webhooks",), families=("references",))
CUSTOMER = "select customer_id from app.billing_syncs where tenant_id::text = %s and customer_id is not null"


@contextmanager
def plant() -> Iterator[None]:
    """It saves looking for the link."""
    honest = inbox._receipt  # noqa: SLF001 (the mistake is made around it)

    def receipt(event: StripeEvent, payload: str) -> Statement[Received]:
        named = event.data.object.get("metadata", {}).get("freehold_tenant")
        if named and (found := exempt(CUSTOMER, named)):
            about = {**event.data.object, "customer": found[0]}
            event = event.model_copy(update={"data": event.data.model_copy(update={"object": about})})
        return honest(event, payload)

    with replaced(inbox, "_receipt", receipt):
        yield
