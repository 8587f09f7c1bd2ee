"""Seats follow the members: where Stripe has another quantity than there are members, Stripe is told."""

from dataclasses import asdict, dataclass
from typing import Protocol

from freehold.billing import tries
from freehold.billing.claims import least_seats, seat_item
from freehold.billing.plans import Catalog
from freehold.billing.remote import Subscription
from freehold.database import Works
from freehold.ids import TenantId

CHANGE_IN = ("trialing", "active")
"""Statuses in which a quantity is changed. Of what is not paid, Stripe would credit seats: they follow afterwards."""


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
    """Whether Stripe has taken it. Raises StripeBusy."""

    def ask(key: str) -> None:
        stripe.set_quantity(change.subscription, change.item, change.seats, key=key)

    return tries.ask(works, tenant_id, "seats", asdict(change), ask)
