"""Which share of tenants, members or anything else a unit belongs to: always the same, and for each flag another."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

BUCKETS = 100_000
"""As many as a percentage with three decimals can tell apart."""
FURTHEST = 2**63

type Part = tuple[int, int]
"""The buckets from the first one to before the second."""


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
    """Variants, and the bucket that each ends before; one variant can have several parts.

    Each variant but the `off` one has a home, an equal part of all buckets, and fills it from its beginning. So each
    grows out of `off`, and takes nothing from the others. What is more than its home fills what others leave free of
    theirs, from the end: what they would leave if all grew alike until nothing is off. So nobody who has a variant
    loses it

    - while none has more than its home, whatever grows;
    - while all grow in proportion, whatever they have;
    - with one or two variants besides `off`, as long as its share does not shrink.

    With three there is no way to keep everybody always.
    """

    variants: tuple[str, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, percentages: Mapping[str, float], variants: Collection[str], off: str) -> "Shares":
        """Percentages that add up to 100, with three decimals at most, of some variants of a flag.

        Those without a share have their home too, so that nobody moves when they are given one.
        """
        in_order = sorted({*variants, *percentages} - {off})
        widths = [round(percentages.get(variant, 0) * BUCKETS / 100) for variant in in_order]
        parts = sorted(
            (begin, end, variant)
            for variant, filled in zip(in_order, _filled(widths), strict=True)
            for begin, end in filled
        )
        return cls(*_without_gaps(parts, off))

    def variant(self, flag_key: str, unit: str) -> str:
        """The one that this unit has."""
        return self.at(bucket(flag_key, unit))

    def at(self, number: int) -> str:
        """The one of this bucket."""
        return self.variants[bisect_right(self.ends, number)]


def leaving(before: Shares, after: Shares, off: str) -> int:
    """How many buckets had another variant than `off`, and have it no longer."""
    borders = sorted({0, *before.ends, *after.ends})
    return sum(end - begin for begin, end in pairwise(borders) if before.at(begin) not in {off, after.at(begin)})


def _filled(widths: Sequence[int]) -> Iterator[list[Part]]:
    """The parts of each variant, in the order of the widths."""
    count, dealt = len(widths), sum(widths)
    homes = [(BUCKETS * place // count, BUCKETS * (place + 1) // count) for place in range(count)]
    alike = [width * BUCKETS // dealt if dealt else 0 for width in widths]
    rooms = [(min(begin + most, end), end) for (begin, end), most in zip(homes, alike, strict=True)]
    for (begin, end), width, most in zip(homes, widths, alike, strict=True):
        size = end - begin
        rest, rooms = _taken(rooms, max(0, most - size))
        yield [(begin, begin + min(width, size)), *_taken(rest, max(0, width - size))[0]]


def _taken(rooms: Sequence[Part], buckets: int) -> tuple[list[Part], list[Part]]:
    """As many buckets, of each room from its end; and the rooms that are left."""
    taken, left = [], []
    for begin, end in rooms:
        border = max(begin, end - buckets)
        buckets -= end - border
        taken.append((border, end))
        left.append((begin, border))
    return taken, left


def _without_gaps(parts: Sequence[tuple[int, int, str]], off: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Variants and ends; what is nobody's is `off`."""
    variants, ends, last = [], [], 0
    for begin, end, variant in [*parts, (BUCKETS, BUCKETS, off)]:
        if begin > last:
            variants.append(off)
            ends.append(begin)
        if end > begin:
            variants.append(variant)
            ends.append(end)
        last = max(last, end)
    return tuple(variants), tuple(ends)
