"""What one subscription gives by itself, whatever its status is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from freehold.billing.dunning import ORDER, Rung, least, rung, unpaid_since
from freehold.billing.plans import Bought, Catalog
from freehold.billing.prices import SEAT, Interval
from freehold.billing.remote import SEATS, Remote, Subscription
from freehold.permissions import Access

NONE = "none"
INCOMPLETE = "incomplete"
TRIALING = "trialing"
PAUSED = "paused"
UNPAID = ("past_due", "unpaid")
CANCELED = "canceled"
ENDED = (CANCELED, "incomplete_expired")
GIVES: Mapping[str, Access] = {
    TRIALING: Access.FULL,
    "active": Access.FULL,
    "past_due": Access.FULL,
    "unpaid": Access.RESTRICTED,
    PAUSED: Access.RESTRICTED,
}
"""The most that a subscription of this status gives; where it is unpaid, the ladder gives less. No other gives any."""
LONGEST_COUNT = 9  # digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What held until now, where what Stripe says cannot be understood or says nothing new."""

    plan: str
    access: Access
    status: str = NONE
    subscription_id: str | None = None
    past_due_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a subscription gives. `since` is when its oldest open payment failed."""

    subscription: Subscription
    plan: str
    rank: int
    access: Access
    add_ons: tuple[str, ...] = ()
    interval: Interval | None = None
    seats: int | None = None
    since: datetime | None = None
    rung: Rung | None = None

    @property
    def worth(self) -> tuple[object, ...]:
        """The most access, then the highest plan; of equals the one that is paid, then the newest."""
        new = (self.subscription.created, self.subscription.id)
        return ORDER.index(self.access), self.rank, self.since is None, *new


def claim_of(subscription: Subscription, remote: Remote, catalog: Catalog, known: Known | None) -> Claim | None:
    """None for one that gives nothing: it is not begun, it is over, or it is for nothing that we sell."""
    known = known if known and known.plan in catalog.plans else None
    if subscription.status in (*ENDED, INCOMPLETE):
        return None
    if subscription.status not in GIVES:
        return _kept(subscription, catalog, known)
    bought = catalog.plan_of(item.price.metadata for item in subscription.items)
    if bought:
        return _bought(subscription, bought, remote, catalog, known)
    if known and known.subscription_id == subscription.id:
        return _kept(subscription, catalog, known)
    return None


def _bought(subscription: Subscription, bought: Bought, remote: Remote, catalog: Catalog, known: Known | None) -> Claim:
    since = _overdue_since(subscription, remote, known)
    step = rung(catalog.dunning, since=since, now=remote.now) if since else None
    item = seat_item(subscription, catalog)
    return Claim(
        subscription=subscription,
        plan=bought.plan.id,
        rank=bought.plan.rank,
        access=least(bought.plan.access, GIVES[subscription.status], step.access if step else Access.FULL),
        add_ons=bought.add_ons,
        interval=bought.interval,
        seats=item[1] if item else None,
        since=since,
        rung=step,
    )


def _kept(subscription: Subscription, catalog: Catalog, known: Known | None) -> Claim:
    """What held until now, where nobody here knows what the subscription means."""
    plan = catalog.plan(known.plan if known else catalog.fallback)
    return Claim(
        subscription=subscription,
        plan=plan.id,
        rank=plan.rank,
        access=known.access if known else plan.access,
        since=known.past_due_since if known else None,
    )


def _overdue_since(subscription: Subscription, remote: Remote, known: Known | None) -> datetime | None:
    if subscription.status not in UNPAID:
        return None
    before = known.past_due_since if known and known.subscription_id == subscription.id else None
    return unpaid_since(subscription.id, remote.invoices) or before or remote.now


def seat_item(subscription: Subscription, catalog: Catalog) -> tuple[str, int] | None:
    """The item that goes by seats, and how many it has."""
    for item in subscription.items:
        sold = catalog.price_of(item.price.metadata)
        if sold and sold.component == SEAT:
            return item.id, item.quantity or 0
    return None


def least_seats(subscription: Subscription) -> int:
    """How many seats there are at least, however few members there are."""
    said = subscription.metadata.get(SEATS, "")
    return max(1, int(said)) if said.isascii() and said.isdecimal() and len(said) <= LONGEST_COUNT else 1
