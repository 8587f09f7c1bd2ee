"""Reads what plans allow: limits and rates, what was allowed before, and what was agreed with single tenants."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from freehold.billing.plans import (
    EVERYTHING,
    RATE_CLASSES,
    Grandfathered,
    Limit,
    Limits,
    Meter,
    Override,
    Rate,
    RateClass,
    Rates,
    Throttle,
)
from freehold.billing.plans_reading import Table

UNLIMITED = "unlimited"
ALL = "all"
FEATURE = "feature under [features]"
SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_COUNT = 10**15
_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_RATE = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour)")
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the parts of the file may name."""

    features: Mapping[str, str]
    limits: Mapping[str, Limit]
    meters: Mapping[str, Meter]
    plans: tuple[str, ...]
    add_ons: tuple[str, ...]
    currency: str


def limits_known(table: Table, meters: Mapping[str, Meter]) -> dict[str, Limit]:
    """By their keys; one that is only counted may be no more than its name."""
    return {key: _limit_known(table, key, meters) for key in table.named_keys()}


def rates_known(table: Table) -> dict[RateClass, Throttle]:
    """Every class, as all of them are the platform's."""
    read = {each: _throttle(table.table(each, needed=True), each) for each in RATE_CLASSES}
    table.done()
    return read


def plan_limits(table: Table, known: Known) -> Limits:
    """All of them: what a plan says nothing of would be without limit, and nobody would have meant it."""
    limits = {key: _limit(table, key) for key in known.limits}
    table.done()
    return limits


def plan_rates(table: Table) -> Rates:
    """All of them, likewise."""
    rates: Rates = {key: _rate(table, key) for key in RATE_CLASSES}
    table.done()
    return rates


def more_limits(table: Table, known: Known) -> dict[str, int]:
    """How many more an add-on gives of some."""
    more = {key: table.whole(key, least=1, most=_COUNT, of="units") for key in known.limits if key in table}
    table.done()
    return more


def features(table: Table, known: Known) -> frozenset[str]:
    """Those that are given there."""
    return frozenset(table.names("features", known.features, what=FEATURE))


def withheld(table: Table, known: Known) -> frozenset[str]:
    """Those that a step of the ladder takes."""
    if table.says("withholds", ALL):
        return frozenset({EVERYTHING})
    return frozenset(table.names("withholds", known.features, what=f'{FEATURE}, or the word "{ALL}" in place of them'))


def grandfathered(table: Table, known: Known) -> Grandfathered:
    """What the subscribers of a plan had before it changed."""
    entry = Grandfathered(
        id=_id(table),
        plan=table.name("plan", known.plans, what="plan"),
        before=table.moment("before", needed=True) or _NEVER,
        until=table.moment("until"),
        features=features(table, known),
        limits=_some_limits(table.table("limits"), known),
        rates=_some_rates(table.table("rates")),
    )
    table.done()
    return entry


def overrides(tables: Iterable[Table], known: Known) -> dict[UUID, Override]:
    """What was agreed, one for each tenant."""
    read: dict[UUID, Override] = {}
    for table in tables:
        override = _override(table, known)
        if override.tenant in read and table.well:
            table.wrong("is the tenant of an override above: put both into one.", "tenant")
        read[override.tenant] = override
    return read


def _limit_known(table: Table, key: str, meters: Mapping[str, Meter]) -> Limit:
    if not table.holds_table(key):
        return Limit(id=key, name=table.text(key), meter=None, soft=False)
    inner = table.table(key)
    limit = Limit(
        id=key,
        name=inner.text("name"),
        meter=inner.name("meter", meters, what="meter under [meters]") if "meter" in inner else None,
        soft=inner.flag("soft"),
    )
    inner.done()
    return limit


def _throttle(table: Table, name: RateClass) -> Throttle:
    throttle = Throttle(id=name, name=table.text("name"), key_share=table.share("key_share"))
    table.done()
    return throttle


def _limit(table: Table, key: str) -> int | None:
    if table.says(key, UNLIMITED):
        return None
    return table.whole(key, least=0, most=_COUNT, of=f'units, or "{UNLIMITED}",')


def _rate(table: Table, key: str) -> Rate | None:
    if table.says(key, UNLIMITED):
        return None
    text = table.text(key)
    found = _RATE.fullmatch(text)
    if not found:
        if text:
            form = f'like "600/minute" ("/second", "/hour"), of at least 1, or "{UNLIMITED}"'
            table.wrong(f'is "{text[:40]}", and must be a number of requests in a time, {form}.', key)
        return 1, 1
    return int(found[1]), SECONDS[found[2]]


def _some_limits(table: Table, known: Known) -> Limits:
    limits = {key: _limit(table, key) for key in known.limits if key in table}
    table.done()
    return limits


def _some_rates(table: Table) -> Rates:
    rates: Rates = {key: _rate(table, key) for key in RATE_CLASSES if key in table}
    table.done()
    return rates


def _override(table: Table, known: Known) -> Override:
    override = Override(
        tenant=_tenant(table),
        plan=table.name("plan", known.plans, what="plan") if "plan" in table else None,
        features=features(table, known),
        limits=_some_limits(table.table("limits"), known),
        rates=_some_rates(table.table("rates")),
        until=table.moment("until"),
    )
    table.done()
    return override


def _tenant(table: Table) -> UUID:
    text = table.text("tenant")
    try:
        return UUID(text)
    except ValueError:
        if text:
            table.wrong(f'is "{text}", and must be the id of a tenant.', "tenant")
        return UUID(int=0)


def _id(table: Table) -> str:
    text = table.text("id")
    if text and not _ID.fullmatch(text):
        says = "and must be small letters, digits, - and _ only, a letter first, 40 at most."
        table.wrong(f'is "{text[:40]}", {says}', "id")
    return text
