"""The plan catalog: what can be bought, what it allows, and what follows when it is not paid for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from freehold.billing.prices import ADD_ON, BASE, INTERVALS, Interval, Price, Sold
from freehold.permissions import Access

type Mail = Literal["payment_failed", "access_restricted", "access_suspended"]
type Card = Literal["required", "optional"]
type WithoutCard = Literal["cancel", "pause"]
type Aggregation = Literal["sum", "count"]
type Limits = Mapping[str, int | None]
"""The most there may be of each thing; None is no limit."""
type Rate = tuple[int, int]
"""So many requests in so many seconds."""
type Rates = Mapping[str, Rate | None]
"""The most requests of each class; None is no limit."""
type RateClass = Literal["read", "write", "ingest", "directory"]

RATE_CLASSES: tuple[RateClass, ...] = ("read", "write", "ingest", "directory")
"""The platform's: every route belongs to one of them."""
EVERYTHING = "*"
"""All features, where a step withholds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a tenant can be on."""

    id: str
    name: str
    description: str
    rank: int
    """Its place in the file, which lists the least plan first."""
    access: Access
    features: frozenset[str]
    limits: Limits
    rates: Rates
    trial: bool
    retired: bool
    """Not sold any more; whoever has it keeps it."""
    prices: Mapping[Interval, tuple[Price, ...]]

    def price(self, interval: Interval, component: str) -> Price | None:
        """What this part of it costs, if it has such a part."""
        return next((price for price in self.prices.get(interval, ()) if price.component == component), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOn:
    """What can be bought beside a plan."""

    id: str
    name: str
    description: str
    plans: tuple[str, ...]
    """The plans that it can be bought with."""
    features: frozenset[str]
    limits: Mapping[str, int]
    """How many more than the plan allows."""
    prices: Mapping[Interval, Price]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Something that is counted and billed by its number."""

    id: str
    name: str
    aggregation: Aggregation
    """Whether the quantities of what was recorded are added up, or each record counts as one."""
    unit: str

    @property
    def event_name(self) -> str:
        """What Stripe knows it by."""
        return f"freehold_{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Something that there may be only so many of."""

    id: str
    name: str
    meter: str | None
    """What counts it in each billing period; None where it is what there is at a time."""
    soft: bool
    """Whether more than the limit is told, and not refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """A class of requests of which there may be only so many in a time."""

    id: RateClass
    name: str
    key_share: float
    """What part of its tenant's rate one key or person may take; 1 is all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a plan is tried."""

    days: int
    reminder_days: int
    """How many days before its end its owners are reminded."""
    card: Card
    """Whether a card is needed to begin."""
    without_card: WithoutCard
    """What becomes of a subscription whose trial ends without a card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What holds from so many days on after the first payment that failed."""

    after_days: int
    access: Access
    mail: Mail
    withholds: frozenset[str]
    """The features that are given no more, or EVERYTHING. What was withheld before stays so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What was agreed with one tenant; limits and rates stand in place of the plan's, features come on top."""

    tenant: UUID
    plan: str | None
    """Counts in place of the one that the tenant pays for."""
    features: frozenset[str]
    limits: Limits
    rates: Rates
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grandfathered:
    """What a plan gave once, and still gives to whoever subscribed to it then."""

    id: str
    plan: str
    before: datetime
    """Who subscribed earlier has it."""
    until: datetime | None
    features: frozenset[str]
    limits: Limits
    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What the items of one subscription are for."""

    plan: Plan
    interval: Interval
    add_ons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything that plans.toml says."""

    currency: str
    fallback: str
    """The plan of a tenant that pays for none."""
    after_cancel: str
    """The plan of a tenant whose subscription has ended."""
    trial: Trial | None
    dunning: tuple[Step, ...]
    features: Mapping[str, str]
    """What each is called, by its key."""
    limits: Mapping[str, Limit]
    rates: Mapping[RateClass, Throttle]
    meters: Mapping[str, Meter]
    plans: Mapping[str, Plan]
    add_ons: Mapping[str, AddOn]
    grandfathered: tuple[Grandfathered, ...]
    overrides: Mapping[UUID, Override]

    def plan(self, name: str) -> Plan:
        """Raises KeyError where the file has no such plan (any more)."""
        return self.plans[name]

    @property
    def prices(self) -> tuple[Price, ...]:
        """All that can be bought today."""
        plans = (price for plan in self.plans.values() if not plan.retired for price in _all(plan))
        return (*plans, *(price for add_on in self.add_ons.values() for price in add_on.prices.values()))

    def price_of(self, metadata: Mapping[str, str]) -> Sold | None:
        """What a price with this metadata is for, even a retired one; None where the catalog knows nothing of it.

        The amount may be another than today's: what a subscriber pays is Stripe's to say.
        """
        plan, component = metadata.get("freehold_plan") or None, metadata.get("freehold_component", "")
        interval = next((each for each in INTERVALS if each == metadata.get("freehold_interval")), None)
        known = plan in self.plans if plan else component.removeprefix(ADD_ON) in self.add_ons
        if interval is None or not known or component.startswith(ADD_ON) == bool(plan):
            return None
        return Sold(plan=plan, component=component, interval=interval)

    def plan_of(self, items: Iterable[Mapping[str, str]]) -> Bought | None:
        """What a subscription is for, by the metadata of its items' prices; None where they name no plan of ours.

        Where they name several, it is the one with a base fee, and of those the highest.
        """
        sold = [found for item in items if (found := self.price_of(item))]
        named = [(each.component == BASE, self.plans[each.plan].rank, each) for each in sold if each.plan]
        if not named:
            return None
        _, _, best = max(named, key=lambda each: each[:2])
        add_ons = tuple(each.add_on for each in sold if each.add_on)
        return Bought(plan=self.plans[best.plan or ""], interval=best.interval, add_ons=add_ons)


def _all(plan: Plan) -> Iterable[Price]:
    return (price for prices in plan.prices.values() for price in prices)
