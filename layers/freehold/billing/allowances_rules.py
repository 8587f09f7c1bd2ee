"""What must hold between what plans allow, what they allowed before, and what is withheld from whoever does not pay."""

from collections.abc import Callable, Iterator

from freehold.billing.plans import EVERYTHING, AddOn, Catalog, Grandfathered, Plan, Rate
from freehold.billing.plans_reading import Path, Problem


def _keys_are_single(catalog: Catalog) -> Iterator[Problem]:
    for key in catalog.limits:
        if key in catalog.features:
            says = "is the key of a feature as well, and both are asked for by it: rename one."
            yield Problem(("limits", key), says, beside=("features", key))


def _meters_count_one_limit_each(catalog: Catalog) -> Iterator[Problem]:
    metered: dict[str, str] = {}
    for limit in catalog.limits.values():
        path: Path = ("limits", limit.id)
        if limit.meter is None and limit.id in catalog.meters:
            form = f'{{ name = "{limit.name}", meter = "{limit.id}" }}'
            yield Problem(path, f"is the name of a meter, and does not say that it counts by it: write {form}.")
        if limit.meter in metered:
            says = f'counts by "{limit.meter}", as "{metered[limit.meter]}" does: a meter has one limit.'
            yield Problem(path, says, beside=("limits", metered[limit.meter]))
        elif limit.meter:
            metered[limit.meter] = limit.id


def _soft_limits_are_reached(catalog: Catalog) -> Iterator[Problem]:
    for limit in (limit for limit in catalog.limits.values() if limit.soft):
        said = [plan.limits for plan in catalog.plans.values()]
        said += [agreed.limits for agreed in catalog.overrides.values()]
        if all(limits.get(limit.id) is None for limits in said):
            yield Problem(("limits", limit.id), 'is soft, and "unlimited" in every plan: nobody would ever be told.')


def _shares_leave_a_request(catalog: Catalog) -> Iterator[Problem]:
    for throttle in catalog.rates.values():
        for plan in catalog.plans.values():
            rate = plan.rates.get(throttle.id)
            if rate and rate[0] * throttle.key_share < 1:
                says = f"is {throttle.key_share}, and leaves a single key less than one of the {rate[0]} requests that"
                key: Path = ("rates", throttle.id, "key_share")
                beside: Path = ("plans", plan.id, "rates", throttle.id)
                yield Problem(key, f'{says} "{plan.id}" allows.', beside=beside)


def _grandfathered_ids_are_single(catalog: Catalog) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, entry in enumerate(catalog.grandfathered, 1):
        if entry.id in seen:
            yield Problem(("grandfathered", place, "id"), f'is "{entry.id}", as that of an entry above is: rename one.')
        seen.add(entry.id)


def _grandfathered_last(catalog: Catalog) -> Iterator[Problem]:
    for place, entry in enumerate(catalog.grandfathered, 1):
        path: Path = ("grandfathered", place)
        if entry.until and entry.until <= entry.before:
            says = "is not after `before`: it would be over before anybody was too late for it."
            yield Problem((*path, "until"), says, beside=(*path, "before"))
        plan = catalog.plans.get(entry.plan)
        if plan and not plan.prices and not plan.retired:
            says = f'is "{plan.id}", which nobody subscribes to.'
            yield Problem((*path, "plan"), says, beside=("plans", plan.id, "prices"))


def _grandfathered_give_more(catalog: Catalog) -> Iterator[Problem]:
    for place, entry in enumerate(catalog.grandfathered, 1):
        path: Path = ("grandfathered", place)
        if not (entry.features or entry.limits or entry.rates):
            yield Problem(path, "gives nothing: name features, limits or rates.")
        if plan := catalog.plans.get(entry.plan):
            yield from _gives_more_than(plan, entry, path)


def _gives_more_than(plan: Plan, entry: Grandfathered, path: Path) -> Iterator[Problem]:
    beside: Path = ("plans", plan.id)
    for feature in sorted(entry.features & plan.features):
        says = f'names "{feature}", which "{plan.id}" gives today to everybody.'
        yield Problem((*path, "features"), says, beside=(*beside, "features"))
    for key, most in entry.limits.items():
        if not _is_more(most, plan.limits[key]):
            today = f'"{plan.id}" gives {_shown(plan.limits[key])} today'
            says = f"is {_shown(most)}, and {today}: nobody would have more by it."
            yield Problem((*path, "limits", key), says, beside=(*beside, "limits", key))
    for key, rate in entry.rates.items():
        if not _is_faster(rate, plan.rates[key]):
            says = f'allows no more than the {_rate_shown(plan.rates[key])} that "{plan.id}" gives today.'
            yield Problem((*path, "rates", key), says, beside=(*beside, "rates", key))


def _is_more(most: int | None, than: int | None) -> bool:
    return than is not None and (most is None or most > than)


def _is_faster(rate: Rate | None, than: Rate | None) -> bool:
    """Whether it allows more in the long run, however long the time is that it is said of."""
    return than is not None and (rate is None or rate[0] * than[1] > than[0] * rate[1])


def _what_is_withheld_is_given(catalog: Catalog) -> Iterator[Problem]:
    givers: list[Plan | AddOn | Grandfathered] = [*catalog.plans.values(), *catalog.add_ons.values()]
    given = {feature for giver in (*givers, *catalog.grandfathered) for feature in giver.features}
    for place, step in enumerate(catalog.dunning, 1):
        for feature in sorted(step.withholds - given - {EVERYTHING}):
            says = f'names "{feature}", which no plan and no add-on gives: there is nothing to withhold.'
            yield Problem(("dunning", place, "withholds"), says, beside=("plans",))


def _what_is_withheld_stays_so(catalog: Catalog) -> Iterator[Problem]:
    before: dict[str, int] = {}
    for place, step in enumerate(catalog.dunning, 1):
        for feature in sorted(step.withholds):
            since = before.get(EVERYTHING, before.get(feature))
            if since is not None:
                named = '"all"' if feature == EVERYTHING else f'"{feature}"'
                says = f"names {named}, which is withheld from day {since} on, and stays so."
                yield Problem(("dunning", place, "withholds"), says)
        before = dict.fromkeys(step.withholds, step.after_days) | before


def _overrides_give_something(catalog: Catalog) -> Iterator[Problem]:
    for place, agreed in enumerate(catalog.overrides.values(), 1):
        if not (agreed.plan or agreed.features or agreed.limits or agreed.rates):
            yield Problem(("overrides", place), "agrees on nothing: name a plan, features, limits or rates.")


def _shown(most: int | None) -> str:
    return "unlimited" if most is None else str(most)


def _rate_shown(rate: Rate | None) -> str:
    return "unlimited" if rate is None else f"{rate[0]} requests in {rate[1]} s"


RULES: tuple[Callable[[Catalog], Iterator[Problem]], ...] = (
    _keys_are_single,
    _meters_count_one_limit_each,
    _soft_limits_are_reached,
    _shares_leave_a_request,
    _grandfathered_ids_are_single,
    _grandfathered_last,
    _grandfathered_give_more,
    _what_is_withheld_is_given,
    _what_is_withheld_stays_so,
    _overrides_give_something,
)
