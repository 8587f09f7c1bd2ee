"""Decides a key for a tenant and whoever asks: one evaluation, whatever the key is of.

Pure and without a round trip: everything that decides is in the snapshot, the facts, the context and the moment.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from freehold.decisions.models import Decision, UnknownKey
from freehold.decisions.snapshot import Snapshot
from freehold.entitlements import resolution
from freehold.entitlements.course import Resolved
from freehold.entitlements.facts import Facts, Who
from freehold.flags.attributes import PLAN, built_in
from freehold.flags.evaluation import Attributes, Reason
from freehold.flags.evaluation import evaluate as evaluate_flag

type Context = Mapping[str, object]
type Reasoned = tuple[Decision, tuple[str, ...]]
"""With every step that was considered, in sentences."""

EMPTY: Context = MappingProxyType({})
OWN = ("override:", "grandfathered:")
"""Rules that are about this tenant, not about everybody on its plan."""


def evaluate(  # noqa: PLR0913 (all that decides)
    snapshot: Snapshot, facts: Facts, who: Who, key: str, *, at: datetime, context: Context = EMPTY
) -> Decision:
    """Raises UnknownKey, and nothing else, whatever the context holds."""
    return Asking(snapshot, facts, who, at, context).about(key)[0]


def evaluate_all(
    snapshot: Snapshot, facts: Facts, who: Who, *, at: datetime, context: Context = EMPTY
) -> tuple[Decision, ...]:
    """Every feature, limit and flag but the archived ones, in the order of their keys."""
    asking = Asking(snapshot, facts, who, at, context)
    return tuple(asking.about(key)[0] for key in snapshot.shown)


class Asking:
    """One moment, one tenant, one asker: what they want to know is asked of it, key by key."""

    __slots__ = ("_attributes", "at", "context", "facts", "snapshot", "who")

    def __init__(self, snapshot: Snapshot, facts: Facts, who: Who, at: datetime, context: Context) -> None:
        self.snapshot = snapshot
        self.facts = facts
        self.who = who
        self.at = at
        self.context = context
        self._attributes: dict[str, object] | None = None

    def attributes(self, *, plan: bool) -> Attributes:
        """The caller's own, with those that nobody says of themselves laid over them; the plan where it is asked."""
        if self._attributes is None:
            self._attributes = {**self.context, **built_in(self.facts, self.who)}
        if plan and self._attributes[PLAN] is None:
            self._attributes[PLAN] = resolution.plan_of(self.snapshot.catalog, self.facts, self.at).id
        return self._attributes

    def about(self, key: str, *, traced: bool = False) -> Reasoned:
        """The decision, and where it is asked for, what was considered. Raises UnknownKey."""
        kind = self.snapshot.kinds.get(key)
        if kind == "flag":
            return self._flag(key, traced=traced)
        if kind == "feature":
            feature = resolution.feature(self.snapshot.catalog, self.facts, key, self.at)
            return _feature(key, feature), feature.trace if traced else ()
        if kind == "limit":
            limit = resolution.limit(self.snapshot.catalog, self.facts, key, self.at)
            hard = not self.snapshot.catalog.limits[key].soft
            return _limit(key, limit, hard=hard), limit.trace if traced else ()
        raise UnknownKey(key)

    def _flag(self, key: str, *, traced: bool) -> Reasoned:
        flag = self.snapshot.flags.get(key)
        if flag is None:
            return _unfit(key, self.snapshot.unfit[key])
        found = evaluate_flag(flag, self.attributes(plan=flag.asks_plan), self.facts, self.who, self.at, traced=traced)
        decision = Decision(
            key=key,
            kind="flag",
            value=found.value,
            variant=found.variant,
            reason=found.reason,
            rule=found.rule,
            until=self._until(found.until) if flag.asks_plan else found.until,
            lifts=(),
            exposed=found.unit if flag.experiment and found.reason == "SPLIT" else None,
        )
        return decision, found.trace

    def _until(self, first: datetime | None) -> datetime | None:
        """Also when the plan may be another, because what was agreed or given is over."""
        facts = self.facts
        if not facts.overrides and not facts.grants:
            return first
        moments = (
            first,
            *(each.until for each in facts.overrides if each.plan),
            *(each.until for each in facts.grants),
        )
        return min((moment for moment in moments if moment and moment > self.at), default=None)


def _unfit(key: str, why: str) -> Reasoned:
    rule = f"flag:{key}/unfit"
    decision = Decision(key=key, kind="flag", value=None, variant=None, reason="ERROR", rule=rule, until=None, lifts=())
    return decision, (f"Its definition cannot be used: {why}",)


def _feature(key: str, found: Resolved[bool]) -> Decision:
    return Decision(
        key=key,
        kind="feature",
        value=found.value,
        variant="on" if found.value else "off",
        reason=reason_of(found.rule),
        rule=found.rule,
        until=found.until,
        lifts=found.lifts,
    )


def _limit(key: str, found: Resolved[int | None], *, hard: bool) -> Decision:
    return Decision(
        key=key,
        kind="limit",
        value={"limit": found.value, "used": None, "remaining": None, "hard": hard},
        variant=None,
        reason=reason_of(found.rule),
        rule=found.rule,
        until=found.until,
        lifts=found.lifts,
    )


def reason_of(rule: str) -> Reason:
    """Of a rule by which a feature, a limit or a rate was resolved."""
    return "TARGETING_MATCH" if rule.startswith(OWN) else "STATIC"
