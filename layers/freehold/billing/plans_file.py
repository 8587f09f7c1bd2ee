"""Reads plans.toml: the whole catalog, or every sentence about what is wrong with it."""

from collections.abc import Iterable
from pathlib import Path as File

from freehold.billing import allowances_reading, plans_rules
from freehold.billing.allowances_reading import Known
from freehold.billing.money import DECIMALS
from freehold.billing.plans import (
    AddOn,
    Aggregation,
    Card,
    Catalog,
    Mail,
    Meter,
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
_DAYS = 730


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
        dunning=tuple(_step(each, known) for each in file.tables("dunning")),
        features=known.features,
        limits=known.limits,
        rates=allowances_reading.rates_known(file.table("rates", needed=True)),
        meters=known.meters,
        plans={name: _plan(plans.table(name), name, known) for name in known.plans},
        add_ons={name: _add_on(add_ons.table(name), name, known) for name in known.add_ons},
        grandfathered=tuple(allowances_reading.grandfathered(each, known) for each in file.tables("grandfathered")),
        overrides=allowances_reading.overrides(file.tables("overrides"), known),
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
    meters = {name: _meter(table, name) for name, table in file.table("meters").named()}
    return Known(
        features=_words(file.table("features")),
        limits=allowances_reading.limits_known(file.table("limits"), meters),
        meters=meters,
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


def _step(table: Table, known: Known) -> Step:
    step = Step(
        after_days=table.whole("after_days", least=0, most=_DAYS, of="days"),
        access=table.choice("access", tuple(Access)),
        mail=table.choice("mail", MAILS),
        withholds=allowances_reading.withheld(table, known),
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
        features=allowances_reading.features(table, known),
        limits=allowances_reading.plan_limits(table.table("limits"), known),
        rates=allowances_reading.plan_rates(table.table("rates")),
        trial=table.flag("trial"),
        retired=table.flag("retired"),
        prices=plan_prices(table.table("prices"), name, currency=known.currency, meters=known.meters),
    )
    table.done()
    return plan


def _add_on(table: Table, name: str, known: Known) -> AddOn:
    add_on = AddOn(
        id=name,
        name=table.text("name"),
        description=table.text("description"),
        plans=table.names("plans", known.plans, what="plan"),
        features=allowances_reading.features(table, known),
        limits=allowances_reading.more_limits(table.table("limits"), known),
        prices=add_on_prices(table.table("prices", needed=True), name, currency=known.currency),
    )
    table.done()
    return add_on
