"""What can be done with usage: record it, and see it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from freehold import clock
from freehold.billing.plans import Catalog, Meter
from freehold.billing.prices import INTERVALS, USAGE
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import InvalidInput
from freehold.permissions import USAGE_READ, USAGE_WRITE
from freehold.settings import settings
from freehold.usage import queries
from freehold.usage.models import Asked, MeterNow, Recorded, UsageEvent, UsageNow, Window
from freehold.usage.queries import NotOnAClock, Standing
from freehold.usage.reading import check, is_of_another_time

LONGEST = {Window.HOUR: timedelta(days=31), Window.DAY: timedelta(days=400)}
USUAL = {Window.HOUR: timedelta(days=1), Window.DAY: timedelta(days=30)}


def record(
    db: Database, caller: Caller, catalog: Catalog, events: Sequence[UsageEvent], once: Remembered | None
) -> Answer[Recorded]:
    """All events, or none of them. Raises InvalidInput.

    In test mode a tenant may live on a test clock of Stripe's, and then its events are of any time: the database knows.
    """
    now = clock.now()
    any_time = settings().key_mode == "test" and is_of_another_time(events, now)
    check(events, catalog.meters, now, any_time=any_time)
    counted = [_as_its_meter_counts(event, catalog.meters[event.meter]) for event in events]
    try:
        return db.run(caller, USAGE_WRITE, queries.record(counted, now, on_a_clock=any_time), once=once)
    except NotOnAClock:
        check(events, catalog.meters, now)
        raise


def read(db: Database, caller: Caller, asked: Asked) -> bytes:
    """The sums of a span of time as JSON; without one, of the last day by the hour, or 30 days. Raises InvalidInput."""
    last = asked.until or clock.now()
    first = asked.since or last - USUAL[asked.window]
    if not timedelta() < last - first <= LONGEST[asked.window]:
        most = LONGEST[asked.window].days
        raise InvalidInput(f"`from` lies before `to`, and {most} days at most: that is what fits into one answer.")
    return db.one(caller, USAGE_READ, queries.usage(asked.meter or "", asked.window, first, last))


def read_now(db: Database, caller: Caller, catalog: Catalog, limits: Mapping[str, int | None]) -> UsageNow:
    """How each meter stands in the current period; `limits` are what the tenant may use, by their keys."""
    stands = db.one(caller, USAGE_READ, queries.standing(clock.now(), list(catalog.meters)))
    plan = stands.plan if stands.plan and stands.plan in catalog.plans else catalog.fallback
    most = {limit.meter: limits.get(key) for key, limit in catalog.limits.items() if limit.meter}
    return UsageNow(
        plan=plan,
        period_start=stands.period_start,
        period_end=stands.period_end,
        meters=tuple(
            _now(meter, stands, included=_included(catalog, plan, stands, meter), limit=most.get(meter.id))
            for meter in catalog.meters.values()
        ),
    )


def _as_its_meter_counts(event: UsageEvent, meter: Meter) -> UsageEvent:
    return event if meter.aggregation == "sum" else event.model_copy(update={"quantity": 1})


def _included(catalog: Catalog, plan: str, stands: Standing, meter: Meter) -> int | None:
    for interval in INTERVALS:
        if interval == stands.interval and (price := catalog.plans[plan].price(interval, USAGE + meter.id)):
            return price.included
    return None


def _now(meter: Meter, stands: Standing, *, included: int | None, limit: int | None) -> MeterNow:
    used = stands.used[meter.id]
    return MeterNow(
        meter=meter.id,
        name=meter.name,
        unit=meter.unit,
        used=used,
        included=included,
        limit=limit,
        remaining=None if limit is None else max(0, limit - used),
    )
