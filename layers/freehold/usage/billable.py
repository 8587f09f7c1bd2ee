"""Which meters a tenant pays for, since when, and at which moment Stripe is to count what was used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from freehold.billing.plans import Catalog
from freehold.usage.records import Look

OLDEST = timedelta(days=34)
"""Stripe counts nothing from before 35 days ago."""
LAST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billable:
    """A meter of a subscription. `since` is when there began to be something to pay."""

    since: datetime
    period_start: datetime
    period_end: datetime
    on_clock: bool
    """Whether the customer lives by a test clock of Stripe's, whose time is not that of our events."""

    def counted_at(self, hour: datetime, now: datetime) -> datetime:
        """The moment at which Stripe is to count an hour: its own, or the current period's first.

        What is told after its period has ended is billed with the next invoice: nothing that was recorded is lost.
        """
        if self.on_clock:
            return min(max(hour, self.period_start), self.period_end - LAST)
        return max(hour, self.period_start, now - OLDEST)


def billable(look: Look, catalog: Catalog) -> Mapping[str, Billable]:
    """By meter. What was used before the subscription began costs nothing; on a test clock nobody can tell when."""
    found = {}
    for subscription in look.subscriptions:
        for item in subscription.items:
            start, end = (datetime.fromisoformat(item[f"current_period_{name}"]) for name in ("start", "end"))
            on_clock, since = look.clock_id is not None, subscription.started_at or start
            if meter := _meter(item, catalog):
                found[meter] = Billable(
                    since=datetime.min.replace(tzinfo=start.tzinfo) if on_clock else since,
                    period_start=start,
                    period_end=end,
                    on_clock=on_clock,
                )
    return found


def _meter(item: Mapping[str, Any], catalog: Catalog) -> str | None:
    sold = catalog.price_of(item["price"]["metadata"])
    return sold.meter if sold and sold.meter in catalog.meters else None
