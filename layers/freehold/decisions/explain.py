"""The whole decision: what was considered, in which order, what decided, what would lift it and when it may change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.decisions.evaluation import EMPTY, Asking, Context, Reasoned, reason_of
from freehold.decisions.models import Decision, UnknownKey
from freehold.decisions.snapshot import Snapshot
from freehold.entitlements import resolution
from freehold.entitlements.facts import Facts, Who

WIDTH = 12
RATE = "rate:"
"""What the key of a rate begins with, as in `rate:read`: nothing else's holds a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision and everything that led to it."""

    decision: Decision
    trace: tuple[str, ...]
    at: datetime
    snapshot: int
    facts: int

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            **self.decision.as_json(),
            "considered": list(self.trace),
            "at": self.at.isoformat(),
            "snapshot": self.snapshot,
            "facts": self.facts,
        }

    def lines(self) -> Iterator[str]:
        """For people."""
        decided = self.decision
        yield f"{decided.key} is a {decided.kind}: {_told(decided)}"
        yield _line("decided by", decided.rule)
        yield _line("reason", decided.reason)
        yield _line("until", decided.until.isoformat() if decided.until else "somebody changes it: time alone does not")
        if decided.lifts:
            yield _line("lifted by", ", ".join(decided.lifts))
        yield _line("known at", f"{self.at.isoformat()}, facts {self.facts}, snapshot {self.snapshot}")
        yield "considered:"
        for place, sentence in enumerate(self.trace, 1):
            yield f"  {place}. {sentence}"


def explain(  # noqa: PLR0913 (all that decides)
    snapshot: Snapshot, facts: Facts, who: Who, key: str, *, at: datetime, context: Context = EMPTY
) -> Explanation:
    """The same decision as `evaluate`, with all that was considered; of a rate, what holds. Raises UnknownKey."""
    if key.startswith(RATE):
        decision, trace = _rate(snapshot, facts, key, at)
    else:
        decision, trace = Asking(snapshot, facts, who, at, context).about(key, traced=True)
    return Explanation(decision=decision, trace=trace, at=at, snapshot=snapshot.version, facts=facts.version)


def _rate(snapshot: Snapshot, facts: Facts, key: str, at: datetime) -> Reasoned:
    """By the rule that the answer 429 names."""
    name = key.removeprefix(RATE)
    if name not in snapshot.catalog.rates:
        raise UnknownKey(key)
    found = resolution.rate(snapshot.catalog, facts, name, at)
    requests, seconds = found.value or (None, None)
    share = snapshot.catalog.rates[name].key_share
    decision = Decision(
        key=key,
        kind="rate",
        value={"requests": requests, "seconds": seconds, "key_share": share},
        variant=None,
        reason=reason_of(found.rule),
        rule=f"{found.rule}/{key}",
        until=found.until,
        lifts=found.lifts,
    )
    return decision, found.trace


def _told(decision: Decision) -> str:
    """`on`, `"blue" (variant b)`, `50 at most, 12 used, 38 remaining`."""
    if decision.kind == "limit":
        return _of_limit(decision.value)
    if decision.kind == "rate":
        return _of_rate(**decision.value)
    if decision.kind == "feature":
        return "included" if decision.value else "not included"
    return "no answer" if decision.variant is None else f"{decision.value!a} (variant {decision.variant})"


def _of_limit(value: dict[str, Any]) -> str:
    if value["limit"] is None:
        most = "no limit"
    else:
        most = f"{value['limit']:,} at most, {'and no more' if value['hard'] else 'and more is let through'}"
    if value["used"] is None:
        return most
    left = "" if value["remaining"] is None else f", {value['remaining']:,} remaining"
    return f"{most}; {value['used']:,} used{left}"


def _of_rate(requests: int | None, seconds: int | None, key_share: float) -> str:
    if requests is None:
        return "no limit"
    alone = f", of which one caller may make {key_share:.0%}" if key_share < 1 else ""
    return f"{requests:,} requests in {seconds:,} s{alone}"


def _line(name: str, says: str) -> str:
    return f"  {name:<{WIDTH}}{says}"
