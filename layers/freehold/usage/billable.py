"""Which meters a tenant pays for, from when to when, and at which moment Stripe is to count what was used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from freehold.billing.plans import Catalog
from freehold.usage.records import Look, Subscribed

OLDEST = timedelta(days=34)
"""Stripe counts nothing from before 35 days ago."""
LAST = timedelta(seconds=1)
DRAFT = timedelta(minutes=55)
"""So long after a period's end we tell what is billed with it: its invoice is a draft for about an hour."""

LONG = timedelta(hours=6)
"""So long our copy may be behind before somebody is told; it is looked at each hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billable:
    """A meter of a subscription. `since` is when there began to be something to pay, `until` when that was over."""

    meter: str
    since: datetime
    until: datetime | None
    period_start: datetime
    period_end: datetime
    on_clock: bool
    """Whether the customer lives by a test clock of Stripe's, whose time is not that of our events."""

    def is_behind(self, now: datetime) -> bool:
        """Whether another period has begun that we have not heard of: what is told for this one is on no invoice."""
        return self.until is None and not self.on_clock and now >= self.period_end + DRAFT

    def is_long_behind(self, now: datetime) -> bool:
        """Whether looks at Stripe should have shown the other period by now."""
        return self.is_behind(now - LONG)

    def counted_at(self, hour: datetime, now: datetime) -> datetime:
        """The moment at which Stripe is to count an hour: its own, or the current period's first.

        What is told after its period has ended is billed with the next invoice, or the last one: nothing is lost.
        """
        if self.on_clock:
            return min(max(hour, self.period_start), self.period_end - LAST)
        counted = max(hour, self.period_start, now - OLDEST)
        return min(counted, self.until - LAST) if self.until else counted


def billable(look: Look, catalog: Catalog) -> tuple[Billable, ...]:
    """Of each subscription, those that have ended first.

    What was used before it began costs nothing; on a test clock nobody can tell when that was, or whether it is over.
    """
    of = sorted(look.subscriptions, key=lambda each: each.ended_at is None)
    return tuple(found for each in of for found in _of(each, catalog, on_clock=look.clock_id is not None))


def _of(subscription: Subscribed, catalog: Catalog, *, on_clock: bool) -> Iterator[Billable]:
    for item in subscription.items if not (on_clock and subscription.ended_at) else ():
        start, end = (datetime.fromisoformat(item[f"current_period_{name}"]) for name in ("start", "end"))
        if meter := _meter(item, catalog):
            yield Billable(
                meter=meter,
                since=datetime.min.replace(tzinfo=start.tzinfo) if on_clock else subscription.started_at or start,
                until=subscription.ended_at,
                period_start=start,
                period_end=end,
                on_clock=on_clock,
            )


def _meter(item: Mapping[str, Any], catalog: Catalog) -> str | None:
    sold = catalog.price_of(item["price"]["metadata"])
    return sold.meter if sold and sold.meter in catalog.meters else None
