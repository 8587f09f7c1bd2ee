"""Which variant of a flag somebody is served, and why. Pure: the same arguments have the same answer, and none raises.

Considered in this order, the first that applies decides: archived, off, a target for the member, a target for the
tenant, the rules one after the other, and what is served otherwise.
"""

from bisect import bisect_right
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Literal, NamedTuple

from freehold.entitlements.facts import Facts, Target, Who
from freehold.flags.compiled import CompiledFlag, CompiledRule, Served, compile_flag
from freehold.flags.rollout import bucket, unit_of

__all__ = ["Attributes", "Evaluated", "Reason", "compile_flag", "evaluate"]

type Reason = Literal["TARGETING_MATCH", "SPLIT", "DISABLED", "DEFAULT", "STATIC", "ERROR"]
type Attributes = Mapping[str, object]

BRIEF = 60


class Evaluated(NamedTuple):
    """What is served, and what decided it."""

    value: Any
    variant: str
    reason: Reason
    rule: str
    until: datetime | None
    """The next moment at which a schedule or a target may change it."""
    unit: str | None
    """What shares are dealt by, where one decided."""
    trace: tuple[str, ...] = ()
    """Every step that was considered, in sentences, where somebody has asked for them."""


def evaluate(  # noqa: PLR0913 (all that decides)
    flag: CompiledFlag, attributes: Attributes, facts: Facts, who: Who, at: datetime, *, traced: bool = False
) -> Evaluated:
    """What this flag is, for this tenant and whoever asks, at this moment.

    Attributes are the caller's context with `attributes.built_in` laid over it.
    """
    return _Case(flag, attributes, facts, who, at, traced=traced).decided()


class _Case:
    """One evaluation. Sentences are made only where they are asked for."""

    __slots__ = ("at", "attributes", "flag", "member", "targets", "trace", "unit")

    def __init__(  # noqa: PLR0913 (all that decides)
        self, flag: CompiledFlag, attributes: Attributes, facts: Facts, who: Who, at: datetime, *, traced: bool
    ) -> None:
        self.flag = flag
        self.attributes = attributes
        self.targets = facts.targets.get(flag.key, ())
        self.member = who.member_id
        self.at = at
        self.unit: str | None = None
        self.trace: list[str] | None = [] if traced else None

    def decided(self) -> Evaluated:
        if self.flag.state != "on":
            return self._stopped()
        return (self.targets and self._targeted()) or self._ruled() or self._otherwise()

    def _stopped(self) -> Evaluated:
        flag = self.flag
        if self.trace is not None:
            self.trace.append(f'The flag is {flag.state}: everybody is served "{flag.off}"')
        return self._served(flag.off, "DISABLED", f"{flag.name}/{flag.state}", until=None)

    def _targeted(self) -> Evaluated | None:
        for target in self.targets:
            if target.member_id is not None and target.member_id == self.member and self._applies(target, "member"):
                return self._served(target.variant, "TARGETING_MATCH", f"{self.flag.name}/target:member", self._until())
        for target in self.targets:
            if target.member_id is None and self._applies(target, "tenant"):
                return self._served(target.variant, "TARGETING_MATCH", f"{self.flag.name}/target:tenant", self._until())
        return None

    def _applies(self, target: Target, kind: str) -> bool:
        lasts, known = target.lasts(self.at), target.variant in self.flag.variants
        if self.trace is not None:
            says = "decides" if lasts and known else "is over" if known else "names a variant that is not there"
            until = f" until {target.until.isoformat()}" if target.until else ""
            self.trace.append(f'The target of this {kind}, "{target.variant}"{until}, {says}')
        return lasts and known

    def _ruled(self) -> Evaluated | None:
        for rule in self.flag.rules:
            obstacle = self._obstacle(rule)
            if obstacle is not None:
                if self.trace is not None:
                    self.trace.append(f'The rule "{rule.id}" is passed over: {obstacle}')
                continue
            variant = self._variant(rule.serve)
            if variant is None:
                continue
            if self.trace is not None:
                self.trace.append(f'The rule "{rule.id}" decides: it serves "{variant}"')
            reason: Reason = "TARGETING_MATCH" if isinstance(rule.serve, str) else "SPLIT"
            return self._served(variant, reason, rule.rule, self._until())
        return None

    def _obstacle(self, rule: CompiledRule) -> str | None:
        """Why it does not hold now, here."""
        if rule.since is not None and self.at < rule.since:
            return self._said("it begins", rule.since)
        if rule.until is not None and self.at >= rule.until:
            return self._said("it ended", rule.until)
        for condition in rule.conditions:
            value = self.attributes.get(condition.attribute)
            if not (condition.missing if value is None else condition.test(value)):
                return "" if self.trace is None else f"{condition.says} does not hold for {shown(value)}"
        return None

    def _said(self, what: str, moment: datetime) -> str:
        return "" if self.trace is None else f"{what} {moment.isoformat()}"

    def _variant(self, serve: Served) -> str | None:
        """None where there is nothing to split by."""
        if isinstance(serve, str):
            return serve
        unit = unit_of(self.attributes.get(serve.by))
        if self.trace is not None:
            self.trace.append(self._dealt(serve.by, unit))
        self.unit = unit
        return None if unit is None else serve.shares.variant(self.flag.key, unit)

    def _dealt(self, by: str, unit: str | None) -> str:
        if unit is None:
            return f"It splits by {by}, which is missing here or cannot be split by: it is passed over"
        return f"It splits by {by}: {shown(unit)} has the bucket {bucket(self.flag.key, unit):,} of 100,000"

    def _otherwise(self) -> Evaluated:
        flag = self.flag
        variant = self._variant(flag.otherwise)
        reason: Reason = "DEFAULT" if flag.rules or self.targets or variant is None else "STATIC"
        if variant is not None and not isinstance(flag.otherwise, str):
            reason = "SPLIT"
        if self.trace is not None:
            self.trace.append(f'Otherwise "{variant or flag.off}" is served')
        return self._served(variant or flag.off, reason, f"{flag.name}/otherwise", self._until())

    def _served(self, variant: str, reason: Reason, rule: str, until: datetime | None) -> Evaluated:
        value = self.flag.variants[variant]
        if isinstance(value, dict):
            value = deepcopy(value)  # the caller's own, for the flag's is everybody's
        return Evaluated(value, variant, reason, rule, until, self.unit, tuple(self.trace or ()))

    def _until(self) -> datetime | None:
        borders, at = self.flag.borders, self.at
        if not borders and not self.targets:
            return None
        place = bisect_right(borders, at)
        ahead = [borders[place]] if place < len(borders) else []
        ahead += [target.until for target in self.targets if target.until is not None and target.until > at]
        return min(ahead, default=None)


def shown(value: object) -> str:
    """A value of anybody's, brief and in plain characters."""
    if value is None:
        return "nothing"
    if isinstance(value, int) and not -(10**BRIEF) < value < 10**BRIEF:
        return "a number without end"
    if isinstance(value, str):
        value = value[:BRIEF]
    elif isinstance(value, dict | list | tuple):
        return f"{len(value)} values"
    text = ascii(value)
    return text if len(text) <= BRIEF * 2 else f"{text[: BRIEF * 2]}…"
