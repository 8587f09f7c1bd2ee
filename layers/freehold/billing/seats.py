"""Seats follow the members: where Stripe has another quantity than there are members, Stripe is told."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Protocol
from uuid import UUID, uuid4

from freehold.billing.claims import least_seats, seat_item
from freehold.billing.gateway import PaymentDeclined, StripeRefused
from freehold.billing.plans import Catalog
from freehold.billing.remote import Subscription
from freehold.database import Statement, Works, done
from freehold.ids import TenantId
from freehold.observability import logger

CHANGE_IN = ("trialing", "active", "past_due")
"""Statuses in which Stripe lets a quantity be changed, and charges for it."""


class Quantities(Protocol):
    """Stripe, as far as this needs it."""

    def set_quantity(self, subscription_id: str, item_id: str, quantity: int, *, key: str) -> None:
        """As `freehold.billing.gateway.Stripe` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What Stripe is to be told."""

    subscription: str
    item: str
    seats: int


def wanted(subscription: Subscription, catalog: Catalog, members: int) -> Change | None:
    """None where there are as many seats as there should be, or none that can be changed now."""
    item = seat_item(subscription, catalog)
    seats = max(members, least_seats(subscription))
    if item is None or item[1] == seats or subscription.status not in CHANGE_IN or subscription.pending_update:
        return None
    return Change(subscription=subscription.id, item=item[0], seats=seats)


def make(stripe: Quantities, works: Works, tenant_id: TenantId, change: Change) -> bool:
    """Whether Stripe has taken it. Raises StripeBusy.

    The quantity that Stripe has is what decides: a try whose answer was lost is seen by that, and not repeated.
    """
    operation = uuid4()
    works.do(_begin(operation, asdict(change)))
    try:
        key = f"fh-{tenant_id}-{operation}"
        stripe.set_quantity(change.subscription, change.item, change.seats, key=key)
    except (StripeRefused, PaymentDeclined) as refused:
        problem = f"{change.seats} seats of {change.subscription} were refused: {refused.sentence}"
        logger.error("billing problem", problem=problem)
        works.do(_end(operation, "failed"))
        return False
    works.do(_end(operation, "done"))
    return True


def _begin(operation: UUID, request: dict[str, Any]) -> Statement[None]:
    """Write down what Stripe is about to be asked for."""
    return done(
        """
        insert into app.billing_operations (id, kind, key, request)
        values (%(id)s, 'seats', %(id)s::uuid::text, %(request)s::jsonb)
        """,
        id=operation,
        request=json.dumps(request),
    )


def _end(operation: UUID, state: str) -> Statement[None]:
    """What became of it."""
    return done(
        """
        update app.billing_operations set state = %(state)s, finished_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and state = 'begun'
        """,
        id=operation,
        state=state,
    )
