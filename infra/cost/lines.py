"""Charges, the lines that they become once they are priced, and their sums."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from infra.cost.prices import Prices

type Group = Literal["fixed", "use"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """So much of something that has a price. Charges with the same name and price are one line."""

    name: str
    price: str
    quantity: float
    """A month's, in the price's unit."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a month of something costs."""

    group: Group
    name: str
    price: str
    quantity: float
    unit: str
    each: float
    why: str

    @property
    def month(self) -> float:
        """In the currency of the prices."""
        return self.quantity * self.each


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Of one stage."""

    stage: str
    region: str
    currency: str
    read_on: str
    tenants: int
    requests: int
    """Of each tenant, a month."""
    free_tier: bool = False
    """Whether what AWS gives each account was subtracted."""
    lines: tuple[Line, ...]

    def of(self, group: Group) -> tuple[Line, ...]:
        """The dearest first."""
        chosen = (line for line in self.lines if line.group == group)
        return tuple(sorted(chosen, key=lambda line: (-line.month, line.name)))

    @property
    def fixed(self) -> float:
        """What is paid whether or not anybody calls."""
        return math.fsum(line.month for line in self.of("fixed"))

    @property
    def use(self) -> float:
        """What follows from requests and from what is kept."""
        return math.fsum(line.month for line in self.of("use"))

    @property
    def month(self) -> float:
        """All of it."""
        return self.fixed + self.use

    @property
    def each_tenant(self) -> float:
        """All of it, shared equally."""
        return self.month / self.tenants

    def as_dict(self) -> dict[str, Any]:
        """For `--json`, and for a later `--compare`."""
        lines = [asdict(line) | {"month": round(line.month, 4)} for line in (*self.of("fixed"), *self.of("use"))]
        totals = {"fixed": self.fixed, "use": self.use, "month": self.month, "each_tenant": self.each_tenant}
        said = {name: getattr(self, name) for name in _ASKED}
        return said | {name: round(value, 4) for name, value in totals.items()} | {"lines": lines}


_ASKED = ("stage", "region", "currency", "read_on", "tenants", "requests", "free_tier")


def priced(group: Group, charges: Iterable[Charge], prices: Prices) -> Iterator[Line]:
    """One line for each name and price, in the order in which they first come. Raises SynthesisError for no price."""
    merged: dict[tuple[str, str], Charge] = {}
    for charge in charges:
        key = (charge.name, charge.price)
        known = merged.get(key)
        merged[key] = replace(known, quantity=known.quantity + charge.quantity) if known else charge
    for charge in merged.values():
        price = prices.of(charge.price)
        yield Line(
            group=group,
            name=charge.name,
            price=charge.price,
            quantity=charge.quantity,
            unit=price.unit,
            each=price.each,
            why=charge.why,
        )


def without_free(lines: Iterable[Line], prices: Prices) -> Iterator[Line]:
    """The same, less what AWS gives each account every month, which earlier lines use up first."""
    left = {price.name: price.free for price in prices.by_name.values()}
    for line in lines:
        given = min(left[line.price], line.quantity)
        left[line.price] -= given
        yield replace(line, quantity=line.quantity - given)
