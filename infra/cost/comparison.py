"""What a change adds to the bill: an estimate against one that `--json` wrote before it."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
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

    @property
    def added(self) -> float:
        """A month."""
        return math.fsum(change.added for change in self.changes)

    def text(self) -> str:
        """The largest difference first."""
        lines = [f"  {each.added:>+10,.2f}  {each.name}" for each in self.changes]
        return "\n".join([*lines, f"  {self.added:>+10,.2f}  a month"])

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"added": round(self.added, 4), "changes": [asdict(each) for each in self.changes]}


_CENT = 0.005


def compare(before: Mapping[str, float], after: Estimate) -> Comparison:
    """By the names of lines."""
    now = _by_name(after.as_dict())
    found = [
        Change(name=name, before=before.get(name, 0.0), after=now.get(name, 0.0)) for name in sorted({*before, *now})
    ]
    differing = (change for change in found if abs(change.added) >= _CENT)
    return Comparison(changes=tuple(sorted(differing, key=lambda change: -abs(change.added))))


def read_earlier(path: Path, after: Estimate) -> dict[str, float]:
    """What an earlier `--json` said. Raises SynthesisError where it is none, or of something else."""
    try:
        said = json.loads(path.read_text())
        lines = _by_name(said)
        same = all(said[name] == getattr(after, name) for name in _ALIKE)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SynthesisError(f"{path} is no estimate: write one with `freehold cost --json > {path.name}`.") from error
    if not all(map(math.isfinite, lines.values())):
        raise SynthesisError(f"{path} holds an amount that is no number: write it anew with `freehold cost --json`.")
    if not same:
        raise SynthesisError(
            f"{path} is about another {', '.join(_ALIKE)}: compare what was estimated with the same arguments."
        )
    return lines


_ALIKE = ("stage", "region", "currency", "tenants", "requests")


def _by_name(said: Mapping[str, Any]) -> dict[str, float]:
    return dict(_named(said["lines"]))


def _named(lines: list[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """Some names have lines at several prices."""
    totals: dict[str, list[float]] = {}
    for line in lines:
        totals.setdefault(line["name"], []).append(float(line["month"]))
    yield from ((name, math.fsum(amounts)) for name, amounts in totals.items())
