"""Waits until Stripe counts what it was told, since it answers before it has, and bills what it has counted.

What was told at the first look is waited for, and not what is used meanwhile: whoever uses something each minute ends
as soon as everybody else. And it is not waited for long: a cancellation comes to its end, whatever Stripe counts.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, TypeAdapter

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


class Told(BaseModel):
    """What Stripe was told of an hour in all; `hour` is that in which it is to count it."""

    meter: str
    customer_id: str
    hour: datetime
    quantity: int


ALL = TypeAdapter(list[Told])


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
    return lambda running: report(running) or _wait(meters(), catalog, running)


def _wait(meters: Meters, catalog: Catalog, running: Running) -> Outcome | None:
    since, told = _expected(running)
    if not (missing := _missing(meters, catalog, told)):
        return None
    if clock.now() - since < LONGEST:
        return Again(WAIT, REASON, counts=False)
    logger.error("usage in doubt", job=str(running.job_id), why=f"A subscription ends. {missing}")
    return None


def _expected(running: Running) -> tuple[datetime, list[Told]]:
    """Since when it is waited for, and what for: the same at each attempt."""
    kept: dict[str, Any] = running.checkpoint or {}
    if "told" not in kept:
        told = ALL.dump_python(running.works.one(told_lately()), mode="json")
        kept = {"since": clock.now().isoformat(), "told": told}
        running.beat(checkpoint=kept)
    return datetime.fromisoformat(kept["since"]), ALL.validate_python(kept["told"])


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
