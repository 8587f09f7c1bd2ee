"""A flag made to be evaluated often: its conditions as tests, its shares as ends of buckets, its moments in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.flags.attributes import PLAN
from freehold.flags.conditions import CompiledCondition, compile_condition
from freehold.flags.models import Flag, Rule, Split, State
from freehold.flags.rollout import Shares


@dataclass(frozen=True, slots=True)
class CompiledSplit:
    """Shares of the values of one attribute."""

    by: str
    shares: Shares


type Served = str | CompiledSplit


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """A rule with its conditions as tests."""

    id: str
    rule: str
    """What names it in a decision."""
    since: datetime | None
    until: datetime | None
    conditions: tuple[CompiledCondition, ...]
    serve: Served


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledFlag:
    """A flag with its rules made ready."""

    key: str
    name: str
    """What names it in a decision."""
    state: State
    variants: Mapping[str, Any]
    off: str
    rules: tuple[CompiledRule, ...]
    otherwise: Served
    borders: tuple[datetime, ...]
    """Every moment at which a rule begins or ends, in order."""
    asks_plan: bool
    """Whether a rule asks which plan the tenant is on, or splits by it."""
    experiment: bool


def compile_flag(flag: Flag) -> CompiledFlag:
    """Once for each version of it."""
    borders = {border for rule in flag.rules for border in (rule.since, rule.until) if border}
    return CompiledFlag(
        key=flag.key,
        name=f"flag:{flag.key}",
        state=flag.state,
        variants=flag.variants,
        off=flag.off,
        rules=tuple(_compiled(flag, rule) for rule in flag.rules),
        otherwise=_served(flag, flag.otherwise),
        borders=tuple(sorted(borders)),
        asks_plan=PLAN in _asked(flag),
        experiment=flag.experiment,
    )


def _asked(flag: Flag) -> Iterator[str]:
    for rule in flag.rules:
        yield from (condition.attribute for condition in rule.when)
    yield from (
        serve.by for serve in (flag.otherwise, *(rule.serve for rule in flag.rules)) if isinstance(serve, Split)
    )


def _compiled(flag: Flag, rule: Rule) -> CompiledRule:
    return CompiledRule(
        id=rule.id,
        rule=f"flag:{flag.key}/rule:{rule.id}",
        since=rule.since,
        until=rule.until,
        conditions=tuple(compile_condition(each.attribute, each.op, each.values) for each in rule.when),
        serve=_served(flag, rule.serve),
    )


def _served(flag: Flag, serve: str | Split) -> Served:
    if isinstance(serve, str):
        return serve
    return CompiledSplit(serve.by, Shares.of(serve.split, flag.variants, flag.off))
