"""Prices: one for each part of a plan and each interval, named so that a retired one still says what it was for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from freehold.billing.money import shown

type Interval = Literal["month", "year"]

INTERVALS: tuple[Interval, ...] = ("month", "year")
BASE = "base"
SEAT = "seat"
USAGE = "usage:"
ADD_ON = "add_on:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Units up to and including `up_to` (None: all that are left) cost `amount` minor units each."""

    up_to: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """What a price of Stripe's is for, whether or not it is still sold at that amount."""

    plan: str | None
    """None for an add-on's."""
    component: str
    """`base`, `seat`, `usage:<meter>` or `add_on:<name>`."""
    interval: Interval

    @property
    def meter(self) -> str | None:
        """The meter that it bills, if any."""
        return self.component.removeprefix(USAGE) if self.component.startswith(USAGE) else None

    @property
    def add_on(self) -> str | None:
        """The add-on that it is for, if any."""
        return self.component.removeprefix(ADD_ON) if self.component.startswith(ADD_ON) else None


@dataclass(frozen=True, kw_only=True)
class Price(Sold):
    """What one part of a plan, or an add-on, costs each interval.

    Either `amount` says so, in whole minor units a unit, or `tiers` do, graduated: each unit costs what its own tier
    says. A base fee and an add-on are one unit; seats and usage are counted.
    """

    currency: str
    amount: int | None = None
    tiers: tuple[Tier, ...] = ()

    @property
    def included(self) -> int:
        """How many units cost nothing."""
        first = self.tiers[0] if self.tiers else None
        return first.up_to or 0 if first and not first.amount else 0

    @cached_property
    def product_id(self) -> str:
        """Stripe's product that it belongs to."""
        return f"fh_add_on_{self.add_on}" if self.plan is None else f"fh_{self.plan}"

    @cached_property
    def lookup_key(self) -> str:
        """What the present price is found by at Stripe: `fh_pro_month_base`."""
        if self.plan is None:
            return f"{self.product_id}_{self.interval}"
        return f"{self.product_id}_{self.interval}_{self.component.replace(':', '_')}"

    @cached_property
    def version(self) -> str:
        """Another one where anything that a subscriber pays by differs."""
        costs = (self.currency, self.amount, [(tier.up_to, f"{tier.amount:f}") for tier in self.tiers])
        return hashlib.sha256(repr(costs).encode()).hexdigest()[:12]

    @property
    def metadata(self) -> dict[str, str]:
        """What Stripe keeps with the price, and `Catalog.price_of` reads."""
        return {
            **({"freehold_plan": self.plan} if self.plan else {}),
            "freehold_component": self.component,
            "freehold_interval": self.interval,
            "freehold_version": self.version,
        }

    def __str__(self) -> str:
        """`49.00 USD a month`, `nothing up to 1,000, then 0.001 USD per unit, each month`."""
        tiers = self.tiers or (Tier(up_to=None, amount=Decimal(self.amount or 0)),)
        return words(tiers, self.currency, self.interval, metered=self.meter is not None)


def words(tiers: Sequence[Tier], currency: str, interval: str, *, metered: bool) -> str:
    """What units cost, for people: each time in the interval that they are used, or for as long as they are had."""
    often = f"per unit, each {interval}" if metered else f"a {interval}"
    return f"{', then '.join(_tier(tier, currency) for tier in tiers)} {often}"


def _tier(tier: Tier, currency: str) -> str:
    if tier.up_to is None:
        return shown(tier.amount, currency)
    return f"{shown(tier.amount, currency) if tier.amount else 'nothing'} up to {tier.up_to:,}"
