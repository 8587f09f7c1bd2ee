"""What a change adds to the bill: an estimate against one that `--json` wrote before it."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from infra.cost.lines import Estimate
from infra.errors import SynthesisError


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Of one line, in the currency of both."""

    name: str
    before: float
    after: float

    @property
    def added(self) -> float:
        """Below 0 where it became cheaper."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The lines that differ, and what they add up to."""

    changes: tuple[Change, ...]
    before: str
    after: str
    """The days of both price lists."""

    @property
    def added(self) -> float:
        """A month."""
        return math.fsum(change.added for change in self.changes)

    def text(self) -> str:
        """The largest difference first."""
        lines = [f"  {each.added:>+10,.2f}  {each.name}" for each in self.changes]
        return "\n".join([*lines, f"  {self.added:>+10,.2f}  a month", *self._note()])

    def _note(self) -> Iterator[str]:
        """Where a price may have changed, and not what is bought."""
        if self.before != self.after:
            yield f"  list prices of {self.before} then, of {self.after} now: some of it may be theirs"

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        days = {"prices_before": self.before, "prices_after": self.after}
        return {"added": round(self.added, 4), **days, "changes": [asdict(each) for each in self.changes]}


_CENT = 0.005
_MOST = 1e12
"""Of one line. No bill has as much, and so many of them still add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What an earlier `--json` said."""

    read_on: str
    lines: Mapping[str, float]
    """What each costs a month, by its name."""


def compare(before: Earlier, after: Estimate) -> Comparison:
    """By the names of lines."""
    then, now = before.lines, _by_name(after.as_dict())
    found = [Change(name=name, before=then.get(name, 0.0), after=now.get(name, 0.0)) for name in sorted({*then, *now})]
    differing = (change for change in found if abs(change.added) >= _CENT)
    changes = tuple(sorted(differing, key=lambda change: -abs(change.added)))
    return Comparison(changes=changes, before=before.read_on, after=after.read_on)


def read_earlier(path: Path, after: Estimate) -> Earlier:
    """Raises SynthesisError where it is none, or of something else."""
    try:
        said = json.loads(path.read_text())
        amounts = [float(line["month"]) for line in said["lines"]]
        lines = _by_name(said) if all(map(_is_amount, amounts)) else {}
        same = all(said[name] == getattr(after, name) for name in _ALIKE)
        earlier = Earlier(read_on=date.fromisoformat(said["read_on"]).isoformat(), lines=lines)
    except _NO_ESTIMATE as error:
        raise SynthesisError(f"{path} is no estimate: write one with `freehold cost --json > {path.name}`.") from error
    if not all(map(_is_amount, amounts)):
        raise SynthesisError(f"{path} holds an amount that is no number: write it anew with `freehold cost --json`.")
    if not same:
        raise SynthesisError(
            f"{path} is about another {', '.join(_ALIKE)}: compare what was estimated with the same arguments."
        )
    return earlier


_ALIKE = ("stage", "region", "currency", "tenants", "requests", "free_tier")
_NO_ESTIMATE = (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading anything else ends in; the last two, numbers and lists beyond what Python takes."""


def _is_amount(month: float) -> bool:
    return 0 <= month <= _MOST


def _by_name(said: Mapping[str, Any]) -> dict[str, float]:
    return dict(_named(said["lines"]))


def _named(lines: list[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """Some names have lines at several prices."""
    totals: dict[str, list[float]] = {}
    for line in lines:
        if not line["name"].isprintable():
            raise ValueError(line["name"])
        totals.setdefault(line["name"], []).append(float(line["month"]))
    yield from ((name, math.fsum(amounts)) for name, amounts in totals.items())
