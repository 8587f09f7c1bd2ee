"""The page of plans: what each costs and allows, and what follows when it is not paid for."""

from collections.abc import Iterable

from freehold.billing.plans import Catalog

PREFACE = """\
# Plans

What plans.toml says: [how it is written, and how Stripe comes to agree](../billing.md#the-plan-catalog).

"""


def page(catalog: Catalog) -> str:
    """Plans from least to most, prices, add-ons, meters, dunning."""
    return "".join(
        (
            PREFACE,
            _plans(catalog),
            f"\nA tenant that pays for none is on `{catalog.fallback}`, one whose subscription has ended on",
            f" `{catalog.after_cancel}`.{_trial(catalog)}\n",
            f"\n## Prices\n\n{_prices(catalog)}",
            f"\n## Add-ons\n\n{_add_ons(catalog)}",
            f"\n## Meters\n\n{_meters(catalog)}",
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
        *([words, *(_limit(plan.limits[key]) for plan in plans)] for key, words in catalog.limits.items()),
    ]
    return _table(["", *(f"`{plan.id}`{' (retired)' if plan.retired else ''}" for plan in plans)], rows)


def _yes(holds: bool) -> str:  # noqa: FBT001 (it is what is shown)
    return "yes" if holds else ""


def _limit(most: int | None) -> str:
    return "unlimited" if most is None else f"{most:,}"


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


def _dunning(catalog: Catalog) -> str:
    rows = ([str(step.after_days), f"`{step.access}`", f"`{step.mail}`"] for step in catalog.dunning)
    return _table(["After days", "Access", "Mail"], rows)


def _table(heading: list[str], rows: Iterable[list[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (heading, ["---"] * len(heading), *rows))
