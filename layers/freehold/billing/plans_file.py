"""Reads plans.toml: the whole catalog, or every sentence about what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from uuid import UUID

from freehold.billing import plans_rules
from freehold.billing.money import DECIMALS
from freehold.billing.plans import (
    AddOn,
    Aggregation,
    Card,
    Catalog,
    Limits,
    Mail,
    Meter,
    Override,
    Plan,
    Step,
    Trial,
    WithoutCard,
)
from freehold.billing.plans_reading import Problem, Table, lines_of, parsed
from freehold.billing.prices_reading import add_on_prices, plan_prices
from freehold.permissions import Access

MAILS: tuple[Mail, ...] = ("payment_failed", "access_restricted", "access_suspended")
CARDS: tuple[Card, ...] = ("required", "optional")
WITHOUT_CARD: tuple[WithoutCard, ...] = ("cancel", "pause")
AGGREGATIONS: tuple[Aggregation, ...] = ("sum", "count")
UNLIMITED = "unlimited"
_COUNT = 10**15
_DAYS = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the parts of the file may name."""

    features: Mapping[str, str]
    limits: Mapping[str, str]
    meters: Mapping[str, Meter]
    plans: tuple[str, ...]
    add_ons: tuple[str, ...]
    currency: str


class PlansInvalid(Exception):
    """The plan catalog cannot be used."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(self.sentences))


def load(source: str | File) -> Catalog:
    """From a file, or from its text. Raises PlansInvalid with a sentence for each thing that is wrong."""
    text = source if isinstance(source, str) else _text(source)
    try:
        values = parsed(text)
    except ValueError as error:
        raise PlansInvalid([f"This is not TOML: {error}"]) from None
    problems: list[Problem] = []
    catalog = _catalog(Table(problems, (), values))
    problems += plans_rules.broken(catalog, beside=problems)
    if problems:
        lines = lines_of(text)
        raise PlansInvalid(dict.fromkeys(problem.sentence(lines) for problem in problems))
    return catalog


def _text(file: File) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise PlansInvalid([f"{file} cannot be read: {error}"]) from None


def _catalog(file: Table) -> Catalog:
    plans, add_ons = file.table("plans", needed=True), file.table("add_ons")
    known = _known(file, plans, add_ons)
    ended = file.table("after_cancel", needed=True)
    catalog = Catalog(
        currency=known.currency,
        fallback=file.name("fallback", known.plans, what="plan"),
        after_cancel=ended.name("plan", known.plans, what="plan"),
        trial=_trial(file.table("trial")) if "trial" in file else None,
        dunning=tuple(_step(each) for each in file.tables("dunning")),
        features=known.features,
        limits=known.limits,
        meters=known.meters,
        plans={name: _plan(plans.table(name), name, known) for name in known.plans},
        add_ons={name: _add_on(add_ons.table(name), name, known) for name in known.add_ons},
        overrides=_overrides(file.tables("overrides"), known),
    )
    ended.done()
    file.done()
    return catalog


def _known(file: Table, plans: Table, add_ons: Table) -> Known:
    currency = file.text("currency")
    if currency and currency not in DECIMALS:
        file.wrong(
            f'is "{currency}", and must be a currency that Stripe takes, in small letters, like "usd".', "currency"
        )
    return Known(
        features=_words(file.table("features")),
        limits=_words(file.table("limits")),
        meters={name: _meter(table, name) for name, table in file.table("meters").named()},
        plans=plans.named_keys(),
        add_ons=add_ons.named_keys(),
        currency=currency,
    )


def _words(table: Table) -> dict[str, str]:
    return {key: table.text(key) for key in table.named_keys()}


def _meter(table: Table, name: str) -> Meter:
    meter = Meter(
        id=name,
        name=table.text("name"),
        aggregation=table.choice("aggregation", AGGREGATIONS),
        unit=table.text("unit"),
    )
    table.done()
    return meter


def _trial(table: Table) -> Trial:
    card = table.choice("card", CARDS)
    trial = Trial(
        days=table.whole("days", least=1, most=_DAYS, of="days"),
        reminder_days=table.whole("reminder_days", least=1, most=_DAYS, of="days"),
        card=card,
        without_card=table.choice("without_card", WITHOUT_CARD) if card == "optional" else "cancel",
    )
    table.done()
    return trial


def _step(table: Table) -> Step:
    step = Step(
        after_days=table.whole("after_days", least=0, most=_DAYS, of="days"),
        access=table.choice("access", tuple(Access)),
        mail=table.choice("mail", MAILS),
    )
    table.done()
    return step


def _plan(table: Table, name: str, known: Known) -> Plan:
    plan = Plan(
        id=name,
        name=table.text("name"),
        description=table.text("description"),
        rank=known.plans.index(name),
        access=table.choice("access", tuple(Access), otherwise=Access.FULL),
        features=frozenset(table.names("features", known.features, what="feature under [features]")),
        limits=_limits(table.table("limits"), known),
        trial=table.flag("trial"),
        retired=table.flag("retired"),
        prices=plan_prices(table.table("prices"), name, currency=known.currency, meters=known.meters),
    )
    table.done()
    return plan


def _limits(table: Table, known: Known) -> Limits:
    """All of them: what a plan says nothing of would be without limit, and nobody would have meant it."""
    limits = {key: _limit(table, key) for key in known.limits}
    table.done()
    return limits


def _limit(table: Table, key: str) -> int | None:
    if table.says(key, UNLIMITED):
        return None
    return table.whole(key, least=0, most=_COUNT, of=f'units, or "{UNLIMITED}",')


def _add_on(table: Table, name: str, known: Known) -> AddOn:
    more = table.table("limits")
    add_on = AddOn(
        id=name,
        name=table.text("name"),
        description=table.text("description"),
        plans=table.names("plans", known.plans, what="plan"),
        features=frozenset(table.names("features", known.features, what="feature under [features]")),
        limits={key: more.whole(key, least=1, most=_COUNT, of="units") for key in known.limits if key in more},
        prices=add_on_prices(table.table("prices", needed=True), name, currency=known.currency),
    )
    more.done()
    table.done()
    return add_on


def _overrides(tables: Iterable[Table], known: Known) -> dict[UUID, Override]:
    read: dict[UUID, Override] = {}
    for table in tables:
        override = _override(table, known)
        if override.tenant in read and table.well:
            table.wrong("is the tenant of an override above: put both into one.", "tenant")
        read[override.tenant] = override
    return read


def _override(table: Table, known: Known) -> Override:
    limits = table.table("limits")
    override = Override(
        tenant=_tenant(table),
        plan=table.name("plan", known.plans, what="plan") if "plan" in table else None,
        features=frozenset(table.names("features", known.features, what="feature under [features]")),
        limits={key: _limit(limits, key) for key in known.limits if key in limits},
        until=table.moment("until"),
    )
    limits.done()
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
