"""The page of plans: what each costs and allows, and what follows when it is not paid for."""

from collections.abc import Iterable, Iterator

from freehold.billing.plans import EVERYTHING, Catalog, Grandfathered, Limit, Rate, Step

_TIMES = {1: "a second", 60: "a minute", 3600: "an hour"}

PREFACE = """\
# Plans

What plans.toml says: [how it is written, and how Stripe comes to agree](../billing.md#the-plan-catalog).

"""


def page(catalog: Catalog) -> str:
    """Plans from least to most, prices, add-ons, meters, rates, what earlier subscribers keep, dunning."""
    return "".join(
        (
            PREFACE,
            _plans(catalog),
            f"\nA tenant that pays for none is on `{catalog.fallback}`, one whose subscription has ended on",
            f" `{catalog.after_cancel}`.{_trial(catalog)}\n",
            f"\n## Prices\n\n{_prices(catalog)}",
            f"\n## Add-ons\n\n{_add_ons(catalog)}",
            f"\n## Meters\n\n{_meters(catalog)}",
            f"\n## Rates\n\n{_shares(catalog)}",
            f"\n## What earlier subscribers keep\n\n{_grandfathered(catalog)}",
            f"\n## When a payment fails\n\n{_dunning(catalog)}",
        )
    )


def _plans(catalog: Catalog) -> str:
    plans = catalog.plans.values()
    rows = [
        ["Name", *(plan.name for plan in plans)],
        ["For", *(plan.description for plan in plans)],
        ["Trial", *(_yes(plan.trial) for plan in plans)],
        *([words, *(_yes(key in plan.features) for plan in plans)] for key, words in catalog.features.items()),
        *([_named(limit), *(_limit(plan.limits[key]) for plan in plans)] for key, limit in catalog.limits.items()),
        *([each.name, *(_rate(plan.rates[key]) for plan in plans)] for key, each in catalog.rates.items()),
    ]
    return _table(["", *(f"`{plan.id}`{' (retired)' if plan.retired else ''}" for plan in plans)], rows)


def _yes(holds: bool) -> str:  # noqa: FBT001 (it is what is shown)
    return "yes" if holds else ""


def _limit(most: int | None) -> str:
    return "unlimited" if most is None else f"{most:,}"


def _named(limit: Limit) -> str:
    return f"{limit.name} (more is told, not refused)" if limit.soft else limit.name


def _rate(rate: Rate | None) -> str:
    return "unlimited" if rate is None else f"{rate[0]:,} {_TIMES[rate[1]]}"


def _trial(catalog: Catalog) -> str:
    trial = catalog.trial
    if trial is None:
        return ""
    card = "is required to begin"
    if trial.card == "optional":
        card = f"is not needed to begin; without one in the end, Stripe's answer is `{trial.without_card}`"
    lasts = f"lasts {trial.days} days, with a reminder {trial.reminder_days} days before its end"
    return f" A trial {lasts}. A card {card}."


def _prices(catalog: Catalog) -> str:
    rows = ([f"`{each.lookup_key}`", each.component, str(each)] for each in catalog.prices if each.plan)
    return _table(["Lookup key", "Part", "Costs"], rows)


def _add_ons(catalog: Catalog) -> str:
    rows = (
        [
            f"`{each.id}`",
            each.name,
            ", ".join(f"`{plan}`" for plan in each.plans),
            ", ".join(map(str, each.prices.values())),
        ]
        for each in catalog.add_ons.values()
    )
    return _table(["Add-on", "Name", "With", "Costs"], rows)


def _meters(catalog: Catalog) -> str:
    rows = ([f"`{each.id}`", each.name, each.aggregation, f"`{each.event_name}`"] for each in catalog.meters.values())
    return _table(["Meter", "Name", "Aggregation", "At Stripe"], rows)


def _shares(catalog: Catalog) -> str:
    rows = ([f"`{each.id}`", each.name, f"{each.key_share:.0%}"] for each in catalog.rates.values())
    return _table(["Class", "Name", "Of which one key or person may take"], rows)


def _grandfathered(catalog: Catalog) -> str:
    if not catalog.grandfathered:
        return "Nothing: no plan gives its earlier subscribers more than it gives today.\n"
    rows = (
        [
            f"`{each.id}`",
            f"`{each.plan}`",
            f"{each.before:%Y-%m-%d %H:%M %Z}",
            f"{each.until:%Y-%m-%d %H:%M %Z}" if each.until else "",
            "; ".join(_given(each, catalog)),
        ]
        for each in catalog.grandfathered
    )
    return _table(["Entry", "Plan", "Subscribed before", "Until", "Gives"], rows)


def _given(entry: Grandfathered, catalog: Catalog) -> Iterator[str]:
    yield from (catalog.features[each] for each in sorted(entry.features))
    yield from (f"{catalog.limits[key].name}: {_limit(most)}" for key, most in entry.limits.items())
    yield from (f"{each.name}: {_rate(entry.rates[key])}" for key, each in catalog.rates.items() if key in entry.rates)


def _dunning(catalog: Catalog) -> str:
    rows = (
        [str(step.after_days), f"`{step.access}`", f"`{step.mail}`", _withheld(step, catalog)]
        for step in catalog.dunning
    )
    return _table(["After days", "Access", "Mail", "Given no more"], rows)


def _withheld(step: Step, catalog: Catalog) -> str:
    if EVERYTHING in step.withholds:
        return "every feature"
    return "; ".join(words for key, words in catalog.features.items() if key in step.withholds)


def _table(heading: list[str], rows: Iterable[list[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (heading, ["---"] * len(heading), *rows))
