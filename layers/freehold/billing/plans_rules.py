"""What must hold between the parts of a plan catalog, each of which can be read."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from freehold.billing import allowances_rules
from freehold.billing.plans import AddOn, Catalog, Plan
from freehold.billing.plans_reading import Path, Problem
from freehold.billing.prices import INTERVALS
from freehold.permissions import Access

_LEAST_FIRST = tuple(Access)


def broken(catalog: Catalog, *, beside: Sequence[Problem]) -> list[Problem]:
    """What does not hold. Nothing is said of what only follows from a problem that was found while reading."""
    unread = [problem.path for problem in beside]
    found = (problem for rule in RULES for problem in rule(catalog))
    return [problem for problem in found if not any(_follows(problem, path) for path in unread)]


def _follows(problem: Problem, unread: Path) -> bool:
    return _touches(problem.path, unread) or (problem.beside is not None and _touches(problem.beside, unread))


def _touches(path: Path, other: Path) -> bool:
    shorter = min(len(path), len(other))
    return path[:shorter] == other[:shorter]


def _plans_are_sold_or_given(catalog: Catalog) -> Iterator[Problem]:
    given = {"fallback": catalog.fallback, "after_cancel.plan": catalog.after_cancel}
    if not all(given.values()):
        return
    for plan in catalog.plans.values():
        key = next((key for key, name in given.items() if name == plan.id), None)
        if not plan.prices and key is None and not plan.retired:
            says = "has no price, and is neither the fallback nor what follows a cancellation: nobody could come to it."
            yield Problem(("plans", plan.id), says)
        if plan.prices and key is not None:
            says = f"costs something, and it is the {key}, which nobody pays for."
            yield Problem(("plans", plan.id, "prices"), says)


def _years_and_months_go_together(catalog: Catalog) -> Iterator[Problem]:
    for plan in catalog.plans.values():
        path: Path = ("plans", plan.id, "prices")
        parts = {interval: {price.component for price in prices} for interval, prices in plan.prices.items()}
        yield from _months_beside_years(path, parts)
        for interval, other in (INTERVALS, INTERVALS[::-1]):
            for component in sorted(parts.get(other, set()) - parts.get(interval, parts.get(other, set()))):
                says = f"has no {component}, which the {other} has: whoever changed the interval would lose it."
                yield Problem((*path, interval), says)
    for add_on in catalog.add_ons.values():
        yield from _months_beside_years(("add_ons", add_on.id, "prices"), add_on.prices)


def _months_beside_years(path: Path, intervals: Iterable[str]) -> Iterator[Problem]:
    if set(intervals) == {"year"}:
        yield Problem((*path, "year"), "has no monthly price beside it, and nobody could begin by the month.")


def _add_ons_fit_their_plans(catalog: Catalog) -> Iterator[Problem]:
    for add_on in catalog.add_ons.values():
        path: Path = ("add_ons", add_on.id)
        if not add_on.plans:
            yield Problem((*path, "plans"), "names no plan that it could be bought with.")
        if not add_on.prices:
            yield Problem((*path, "prices"), "names no amount: give it month, or month and year.")
        for name in add_on.plans:
            yield from _add_on_fits(path, add_on, catalog.plans[name])


def _add_on_fits(path: Path, add_on: AddOn, plan: Plan) -> Iterator[Problem]:
    if not plan.prices:
        yield Problem((*path, "plans"), f'names "{plan.id}", which nobody subscribes to.')
    for interval in plan.prices:
        if add_on.prices and interval not in add_on.prices:
            says = f'has no price for the {interval}, which "{plan.id}" can be paid by.'
            yield Problem((*path, "prices"), says)


def _trials_can_begin_and_end(catalog: Catalog) -> Iterator[Problem]:
    trial = catalog.trial
    if trial and trial.reminder_days >= trial.days:
        says = f"is {trial.reminder_days}, and must be less than the {trial.days} days of the trial."
        yield Problem(("trial", "reminder_days"), says, beside=("trial", "days"))
    for plan in (plan for plan in catalog.plans.values() if plan.trial):
        if not trial:
            says = "needs a table [trial] that says how long, and whether a card is needed."
            yield Problem(("plans", plan.id, "trial"), says)
        if not plan.prices:
            yield Problem(("plans", plan.id, "trial"), "is of no use for a plan without a price.")


def _dunning_tightens(catalog: Catalog) -> Iterator[Problem]:
    if not catalog.dunning:
        yield Problem(("dunning",), "is missing: say in [[dunning]] what follows when a payment fails.")
    for place, (before, step) in enumerate(pairwise(catalog.dunning), 2):
        if step.after_days <= before.after_days:
            says = f"is {step.after_days}, and must be more than the {before.after_days} of the step before it."
            yield Problem(("dunning", place, "after_days"), says, beside=("dunning", place - 1, "after_days"))
        if _LEAST_FIRST.index(step.access) > _LEAST_FIRST.index(before.access):
            says = f'is "{step.access}", which is more than "{before.access}" of the step before it.'
            yield Problem(("dunning", place, "access"), says, beside=("dunning", place - 1, "access"))


def _names_at_stripe_are_single(catalog: Catalog) -> Iterator[Problem]:
    prices = catalog.prices
    for key in _doubled(price.lookup_key for price in prices):
        says = f'leads two prices to the lookup key "{key}": rename a plan, an add-on or a meter.'
        yield Problem((), f"This file {says}")
    products = [*(f"fh_{name}" for name in catalog.plans), *(f"fh_add_on_{name}" for name in catalog.add_ons)]
    for product in _doubled(products):
        yield Problem((), f'This file leads a plan and an add-on to the product "{product}": rename one.')


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


RULES: tuple[Callable[[Catalog], Iterator[Problem]], ...] = (
    _plans_are_sold_or_given,
    _years_and_months_go_together,
    _add_ons_fit_their_plans,
    _trials_can_begin_and_end,
    _dunning_tightens,
    _names_at_stripe_are_single,
    *allowances_rules.RULES,
)
