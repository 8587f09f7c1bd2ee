"""List prices, from a dated file."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from infra.errors import SynthesisError

FILE = Path(__file__).with_name("prices.toml")
HOURS = 730.0
"""A month's, as AWS counts them."""
OLD_AFTER_DAYS = 180
REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of one thing that AWS sells, in one region."""

    name: str
    each: float
    unit: str
    page: str
    vcpus: int
    """Of an instance; 0 of anything else."""
    free: float
    """Units a month that cost nothing for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Of one region, as they were read one day."""

    read_on: date
    currency: str
    region: str
    by_name: Mapping[str, Price]

    def of(self, name: str) -> Price:
        """Raises SynthesisError with what to add."""
        if name not in self.by_name:
            raise SynthesisError(
                f'No price is known for {name}: add ["{name}"] to infra/cost/prices.toml, with its page.'
            )
        return self.by_name[name]

    def warning(self, today: date) -> str | None:
        """A sentence where the file is old."""
        days = (today - self.read_on).days
        if days <= OLD_AFTER_DAYS:
            return None
        return f"The prices were read {days} days ago: compare infra/cost/prices.toml with its pages, and date it anew."


def read_prices(region: str = REGION, file: Path = FILE) -> Prices:
    """Raises SynthesisError where the file says something that is no price, or nothing about the region."""
    said = tomllib.loads(file.read_text())
    entries = {name: entry for name, entry in said.items() if isinstance(entry, dict)}
    missing = [name for name, entry in entries.items() if region not in entry]
    if missing:
        raise SynthesisError(
            f"{file.name} has no price for {missing[0]} in {region}: add `{region} = …` to each entry, "
            f"or choose `--region {REGION}`."
        )
    by_name = {name: _price(name, entry, region) for name, entry in entries.items()}
    return Prices(read_on=said["read_on"], currency=said["currency"], region=region, by_name=by_name)


def _price(name: str, entry: Mapping[str, Any], region: str) -> Price:
    each = entry[region]
    if not isinstance(each, int | float) or not math.isfinite(each) or each < 0:
        raise SynthesisError(f"{name} cannot cost {each!r} in {region}: a price is a number, and not below 0.")
    return Price(
        name=name,
        each=float(each),
        unit=entry["unit"],
        page=entry["page"],
        vcpus=entry.get("vcpus", 0),
        free=float(entry.get("free", 0)),
    )
