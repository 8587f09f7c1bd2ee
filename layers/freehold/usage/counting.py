"""Waits until Stripe counts what it was told, since it answers before it has, and bills what it has counted.

What was told once there was nothing more to report is waited for, and not what is used meanwhile. And neither is waited
for long: a cancellation comes to its end, whatever Stripe counts, and however much somebody goes on to use.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel

from freehold import clock
from freehold.billing.gateway import StripeBusy, StripeRefused
from freehold.billing.plans import Catalog
from freehold.database import Query, every
from freehold.jobs.kinds import Again, Outcome
from freehold.jobs.running import Running
from freehold.observability import logger
from freehold.usage.records import COUNTED
from freehold.usage.reporting import Meters, last_report

WAIT = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)
REASON = "Our payment provider is still counting what you have used. Your subscription ends when that is done."
COUNTING = Again(WAIT, REASON, counts=False)


class Told(BaseModel):
    """What Stripe was told of an hour in all; `hour` is that in which it is to count it."""

    meter: str
    customer_id: str
    hour: datetime
    quantity: int


class Waiting(BaseModel):
    """What a job keeps from one attempt to the next: since when it waits, for what to be counted, and if it gave up."""

    since: datetime
    told: list[Told] | None = None
    is_over: bool = False


def told_lately() -> Query[list[Told]]:
    """Hours that Stripe was told something of so lately that it may not count it yet; the last 48 of them."""
    return every(
        Told,
        f"""
        select meter, customer_id, date_trunc('hour', counted_at, 'UTC') as hour, sum(quantity) as quantity
          from app.usage_reports
         where tenant_id = %(tenant_id)s and state = 'reported'
         group by 1, 2, 3
        having max(finished_at) > {COUNTED}
         order by max(finished_at) desc limit 48
        """,  # noqa: S608 (a constant)
    )


def last_counted(meters: Callable[[], Meters], catalog: Catalog) -> Callable[[Running], Outcome | None]:
    """What is done before a subscription ends at once: None once its last invoice has all, or has to do without."""
    report = last_report(meters, catalog)
    return lambda running: _last(meters, catalog, report, running)


def _last(
    meters: Callable[[], Meters], catalog: Catalog, report: Callable[[Running], Outcome | None], running: Running
) -> Outcome | None:
    kept = Waiting.model_validate(running.checkpoint or {"since": clock.now()})
    if kept.is_over:
        return None
    if more := report(running):
        return _wait(running, kept, more, "There is more to report at each attempt.")
    told = running.works.one(told_lately()) if kept.told is None else kept.told
    if missing := _missing(meters(), catalog, told):
        return _wait(running, kept.model_copy(update={"told": told}), COUNTING, missing)
    return None


def _wait(running: Running, kept: Waiting, again: Outcome, why: str) -> Outcome | None:
    """Whatever is waited for, it is for so long in all; then it is said, once, and no other attempt waits."""
    is_over = clock.now() - kept.since >= LONGEST
    running.beat(checkpoint=kept.model_copy(update={"is_over": is_over}).model_dump(mode="json"))
    if not is_over:
        return again
    logger.error("usage in doubt", job=str(running.job_id), why=f"A subscription ends. {why}")
    return None


def _missing(meters: Meters, catalog: Catalog, told: list[Told]) -> str:
    """What Stripe does not count, or that it does not say so, as a sentence; nothing where it counts all."""
    try:
        for each in (each for each in told if each.meter in catalog.meters):
            counted = _counted(meters, catalog, each)
            if counted < each.quantity:
                return f"Of {each.meter} in {each.hour:%Y-%m-%d %H:%M} Stripe counts {counted} of {each.quantity}."
    except (StripeBusy, StripeRefused) as error:
        return f"Stripe does not say what it counts: {error}"
    return ""


def _counted(meters: Meters, catalog: Catalog, told: Told) -> Decimal:
    name = catalog.meters[told.meter].event_name
    return meters.usage_of(event_name=name, customer=told.customer_id, hour=told.hour)
