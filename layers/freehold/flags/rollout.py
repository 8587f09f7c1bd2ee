"""Which share of tenants, members or anything else a unit belongs to: always the same, and for each flag another."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate

BUCKETS = 100_000
"""As many as a percentage with three decimals can tell apart."""
FURTHEST = 2**63


def bucket(flag_key: str, unit: str) -> int:
    """From 0 to 99,999, evenly, and independent of the unit's bucket in any other flag."""
    digest = sha256(f"{flag_key}\x1f{unit}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def unit_of(value: object) -> str | None:
    """What a value is counted as: text, or a whole number, which 1.0 is too. None for everything else."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -FURTHEST <= value < FURTHEST:
        return str(value)
    return None


@dataclass(frozen=True, slots=True)
class Shares:
    """Variants, and the bucket that each ends before.

    They lie in the order of their names, however the definition was written or stored. So whoever has a variant keeps
    it when its share grows at the cost of others, wherever it lies among them.
    """

    variants: tuple[str, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, percentages: Mapping[str, float]) -> "Shares":
        """Percentages that add up to 100, with three decimals at most."""
        in_order = sorted(percentages)
        widths = (round(percentages[variant] * BUCKETS / 100) for variant in in_order)
        return cls(tuple(in_order), tuple(accumulate(widths)))

    def variant(self, flag_key: str, unit: str) -> str:
        """The one that this unit has."""
        return self.variants[bisect_right(self.ends, bucket(flag_key, unit))]
