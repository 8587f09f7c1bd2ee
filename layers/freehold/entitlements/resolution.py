"""What a tenant has of a feature, a limit or a rate, and by which rule: pure functions of the catalog and its facts.

What a tenant pays for gives, what it does not pay in time withholds, and what was agreed with it or given to it stands
above both. A plan that the catalog does not know gives nothing, and the next one counts.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from freehold.entitlements.course import Course, Resolved
from freehold.entitlements.document import AddOn, CatalogDocument, Grandfathered, Plan
from freehold.entitlements.facts import Facts, Override, Rate


def feature(catalog: CatalogDocument, facts: Facts, key: str, at: datetime) -> Resolved[bool]:
    """Whether the tenant has it. What comes of a payment can be withheld; what was agreed or given cannot."""
    course = _begin(catalog, facts, at)
    if course.is_given and key in course.plan.features:
        course.says("{} gives {}, and need not be paid for.", course.plan.name, key)
        return course.resolved(value=True, rule=course.rule)
    paid = _paid(catalog, facts, course, key, at)
    withheld = _withheld(catalog, facts.past_due_since, course, key, at) if paid and facts.past_due_since else None
    if paid and not withheld:
        return course.resolved(value=True, rule=paid)
    if agreed := next((each for each in _agreed(facts, at) if key in each.features), None):
        course.ends(agreed.until)
        course.says("It was agreed with the tenant that it has {} (override:{}).", key, agreed.id)
        return course.resolved(value=True, rule=f"override:{agreed.id}")
    if withheld:
        return course.resolved(value=False, rule=withheld)
    plans = [plan for plan in catalog.sold if key in plan.features]
    add_ons = [each for each in catalog.add_ons.values() if key in each.features]
    return course.resolved(value=False, rule=course.rule, lifts=_lifts(facts, course, plans, add_ons))


def limit(catalog: CatalogDocument, facts: Facts, key: str, at: datetime) -> Resolved[int | None]:
    """The most there may be of it. Raises KeyError for a limit that the catalog does not know."""
    course = _begin(catalog, facts, at)
    has, rule, kept = course.plan.limits[key], course.rule, None
    course.says("{} gives {} of {}.", course.plan.name, has, key)
    for entry in _grandfathered(catalog, facts, course, at):
        if key in entry.limits and _is_more(entry.limits[key], has):
            has, kept = entry.limits[key], entry
    if kept:
        rule = course.keeps(kept, has)
    for add_on in _held(catalog, facts):
        if has is not None and key in add_on.limits:
            has, rule = has + add_on.limits[key], f"add_on:{add_on.id}"
            course.says("The add-on {} gives {} more, which makes {}.", add_on.id, add_on.limits[key], has)
    if agreed := next((each for each in _agreed(facts, at) if key in each.limits), None):
        return course.by_agreement(agreed, agreed.limits[key])
    if has is None:
        return course.resolved(value=has, rule=rule)
    plans = [plan for plan in catalog.sold if _is_more(_with_add_ons(catalog, facts, plan, key), has)]
    add_ons = [each for each in catalog.add_ons.values() if key in each.limits]
    return course.resolved(value=has, rule=rule, lifts=_lifts(facts, course, plans, add_ons))


def rate(catalog: CatalogDocument, facts: Facts, rate_class: str, at: datetime) -> Resolved[Rate | None]:
    """The most requests of a class in a time. A class that the catalog says nothing of has no limit."""
    course = _begin(catalog, facts, at)
    has, rule, kept = course.plan.rates.get(rate_class), course.rule, None
    course.says("{} gives {} of {}.", course.plan.name, has, rate_class)
    if rate_class not in course.plan.rates:
        course.says("The catalog knows no requests of the class {}: nothing limits them.", rate_class)
    for entry in _grandfathered(catalog, facts, course, at):
        if rate_class in entry.rates and _is_faster(entry.rates[rate_class], has):
            has, kept = entry.rates[rate_class], entry
    if kept:
        rule = course.keeps(kept, has)
    if agreed := next((each for each in _agreed(facts, at) if rate_class in each.rates), None):
        return course.by_agreement(agreed, agreed.rates[rate_class])
    faster = [plan for plan in catalog.sold if _is_faster(plan.rates.get(rate_class), has)]
    return course.resolved(value=has, rule=rule, lifts=_lifts(facts, course, faster, ()))


def plan_of(catalog: CatalogDocument, facts: Facts, at: datetime) -> Plan:
    """The plan that counts for the tenant, whether it is agreed, given or paid for."""
    return _begin(catalog, facts, at).plan


def _begin(catalog: CatalogDocument, facts: Facts, at: datetime) -> Course:
    """With the plan that counts: as agreed, as the newest grant says, as billing does, or the fallback."""
    course = Course(plan=catalog.plans[catalog.fallback], rule=f"fallback:{catalog.fallback}")
    for named, rule, until in _plans_given(facts, at) if facts.overrides or facts.grants else ():
        course.ends(until)
        if plan := catalog.plans.get(named or ""):
            course.says("The tenant was given the plan {} ({}).", named, rule)
            course.plan, course.rule, course.is_given = plan, rule, True
            return course
        if named:
            course.says("The tenant was given the plan {}, which the catalog does not know ({}).", named, rule)
    if plan := catalog.plans.get(facts.plan or ""):
        course.says("The tenant is on the plan {} by its billing account.", facts.plan)
        course.plan, course.rule = plan, plan.rule
        return course
    if facts.plan:
        course.says(
            "The tenant is on the plan {} by its billing account, and the catalog does not know it.", facts.plan
        )
    course.says("The plan {} is that of a tenant that has no other.", catalog.fallback)
    return course


def _plans_given(facts: Facts, at: datetime) -> Iterator[tuple[str | None, str, datetime | None]]:
    """Each with the rule that names it, and until when; what counts first comes first.

    The newest grant may name none, and one before it may count once that has ended.
    """
    for agreed in _agreed(facts, at):
        if agreed.plan:
            yield agreed.plan, f"override:{agreed.id}", agreed.until
    grant = next((grant for grant in reversed(facts.grants) if grant.lasts(at)), None)
    if grant and (grant.plan or grant is not facts.grants[0]):
        yield grant.plan, f"grant:{grant.id}", grant.until


def _paid(catalog: CatalogDocument, facts: Facts, course: Course, key: str, at: datetime) -> str | None:
    """The rule by which it has this feature, as long as it pays."""
    if key in course.plan.features:
        course.says("{} gives {}.", course.plan.name, key)
        return course.rule
    course.says("{} does not give {}.", course.plan.name, key)
    for add_on in _held(catalog, facts):
        if key in add_on.features:
            course.says("The add-on {} gives {}.", add_on.id, key)
            return f"add_on:{add_on.id}"
    entry = next((each for each in _grandfathered(catalog, facts, course, at) if key in each.features), None)
    return course.keeps(entry, key) if entry else None


def _withheld(catalog: CatalogDocument, since: datetime, course: Course, key: str, at: datetime) -> str | None:
    """The rule by which that is taken from it. A step that is to come says until when it is not."""
    step = next((step for step in catalog.dunning if step.takes(key)), None)
    if step is None:
        return None
    begins = step.begins(since)
    if at < begins:
        course.ends(begins)
        return None
    course.says("A payment is open since {}: {} is withheld since {}.", since, key, begins)
    return f"dunning:{step.after_days}"


def _grandfathered(catalog: CatalogDocument, facts: Facts, course: Course, at: datetime) -> Iterable[Grandfathered]:
    if not catalog.grandfathered or not facts.subscribed_at:
        return ()
    return [each for each in catalog.grandfathered if each.counts(course.plan.id, facts.subscribed_at, at)]


def _held(catalog: CatalogDocument, facts: Facts) -> Iterable[AddOn]:
    """Those of its add-ons that the catalog knows."""
    return [catalog.add_ons[each] for each in facts.add_ons if each in catalog.add_ons]


def _agreed(facts: Facts, at: datetime) -> Iterable[Override]:
    """What lasts of what was agreed, the last of it first."""
    return [each for each in reversed(facts.overrides) if each.lasts(at)]


def _with_add_ons(catalog: CatalogDocument, facts: Facts, plan: Plan, key: str) -> int | None:
    """What the limit would be on another plan, with the add-ons that the tenant could keep there."""
    most = plan.limits[key]
    if most is None:
        return None
    return most + sum(each.limits.get(key, 0) for each in _held(catalog, facts) if plan.id in each.plans)


def _lifts(facts: Facts, course: Course, plans: Iterable[Plan], add_ons: Iterable[AddOn]) -> tuple[str, ...]:
    """Another plan lifts nothing while one that was given counts in its place.

    Add-ons are those that go with what the tenant pays for; where nothing else helps, those that go with another plan.
    """
    lifting = [] if course.is_given else [plan.id for plan in plans]
    others = [each for each in add_ons if each.id not in facts.add_ons]
    at_once = [each.id for each in others if facts.plan in each.plans]
    return (*lifting, *(at_once if lifting or at_once else [each.id for each in others]))


def _is_more(most: int | None, than: int | None) -> bool:
    return than is not None and (most is None or most > than)


def _is_faster(rate: Rate | None, than: Rate | None) -> bool:
    """Whether it allows more in the long run, however long the time is that it is said of."""
    return than is not None and (rate is None or rate[0] * than[1] > than[0] * rate[1])
