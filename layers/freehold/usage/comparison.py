"""Compares, once a day, what Stripe was told with what it counts: it may reject later what it has accepted.

It corrects nothing. What is missing may have been rejected for a reason that a person has to mend first, or be counted
late: whatever is told again for it under another identifier would be paid for twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString, Protocol

from pydantic import BaseModel

from freehold import clock
from freehold.billing.gateway import StripeBusy, StripeRefused
from freehold.billing.plans import Catalog
from freehold.database import Query, Statement, Works, done, every
from freehold.ids import first_id
from freehold.jobs.kinds import Again, Done, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.observability import logger
from freehold.usage.records import COUNTED
from freehold.usage.reporting import WAITS, Nothing

LATELY = timedelta(days=2)
"""So far back reports were begun that are looked at: each of them on two days, at least once when it had settled."""
SETTLED: LiteralString = f"state = 'reported' and finished_at < {COUNTED}"


class Sums(Protocol):
    """Stripe's meters, as far as they show what they count."""

    def usage_by_day(
        self, *, event_name: str, customer: str, since: datetime, until: datetime
    ) -> Mapping[date, Decimal]:
        """What is counted from one day to another, by days in UTC. Raises StripeRefused, StripeBusy."""


class Span(BaseModel):
    """The days of a meter, the first one and the one after the last, that something was told of lately."""

    meter: str
    customer_id: str
    since: datetime
    until: datetime


class Day(BaseModel):
    """What Stripe has to count of a day at least, as it was told long enough ago, and at most."""

    day: date
    settled: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A day of which Stripe counts something else than what it was told."""

    meter: str
    day: date
    told: int
    counted: Decimal


def comparing(sums: Callable[[], Sums], catalog: Catalog) -> Kind[Nothing]:
    """The kind of job that says in the log what is in doubt."""
    return Kind(
        name="usage.compare",
        job_class=JobClass.BILLING,
        input=Nothing,
        run=lambda running, _: _run(sums(), catalog, running),
        attempts=20,
        backoff=WAITS,
    )


def doubts(works: Works, sums: Sums, catalog: Catalog) -> Iterator[Doubt]:
    """Of all days that something was told of lately. Raises StripeBusy."""
    for span in works.one(spans(list(catalog.meters))):
        counted = _counted(sums, catalog, span)
        told = {each.day: each for each in works.one(days(span))}
        for day in sorted({*told, *counted}):
            known = told.get(day) or Day(day=day, settled=0, told=0)
            found = counted.get(day, Decimal())
            if not known.settled <= found <= known.told:
                at_fault = known.settled if found < known.settled else known.told
                yield Doubt(meter=span.meter, day=day, told=at_fault, counted=found)


def submit(kind: Kind[Any]) -> Statement[None]:
    """A job for the tenant, where there is something to compare."""
    return done(
        f"""
        insert into app.jobs (tenant_id, kind, job_class, state, input, attempts)
        select %(tenant_id)s, %(kind)s, %(job_class)s, 'waiting', %(input)s::jsonb, %(attempts)s
         where exists (select from app.usage_reports where tenant_id = %(tenant_id)s and id >= %(first)s and {SETTLED})
        """,
        kind=kind.name,
        job_class=kind.job_class.value,
        input=kind.written(Nothing()),
        attempts=kind.attempts,
        first=first_id(clock.now() - LATELY),
    )


def spans(meters: Sequence[str]) -> Query[list[Span]]:
    """Of each of these meters that Stripe was told something of lately."""
    return every(
        Span,
        f"""
        select meter, customer_id, date_trunc('day', min(counted_at), 'UTC') as since,
               date_trunc('day', max(counted_at), 'UTC') + interval '1 day' as until
          from app.usage_reports
         where tenant_id = %(tenant_id)s and id >= %(first)s and meter = any(%(meters)s) and {SETTLED}
         group by meter, customer_id order by meter, customer_id
        """,
        meters=list(meters),
        first=first_id(clock.now() - LATELY),
    )


def days(span: Span) -> Query[list[Day]]:
    """Each day in which something is told to be counted, whenever that was told.

    A report that was sent twice, with another day the second time, is in one of the two: it may be in either, and has
    to be in neither.
    """
    return every(
        Day,
        f"""
        select d.day::date as day, sum(r.quantity) as told,
               coalesce(sum(r.quantity) filter (where r.first_day = r.last_day and {SETTLED}), 0) as settled
          from (select *, date_trunc('day', first_counted_at, 'UTC') at time zone 'UTC' as first_day,
                       date_trunc('day', counted_at, 'UTC') at time zone 'UTC' as last_day
                  from app.usage_reports
                 where tenant_id = %(tenant_id)s and meter = %(meter)s and customer_id = %(customer_id)s
                   and counted_at >= %(since)s and first_counted_at < %(until)s
                   and state in ('sending', 'reported', 'doubtful')) r
               cross join lateral (select r.first_day as day union select r.last_day) d
         where d.day >= %(since)s at time zone 'UTC' and d.day < %(until)s at time zone 'UTC'
         group by d.day order by d.day
        """,
        **span.model_dump(),
    )


def _run(sums: Sums, catalog: Catalog, running: Running) -> Outcome:
    try:
        found = list(doubts(running.works, sums, catalog))
    except StripeBusy as busy:
        return Again(None, f"Stripe did not answer: {busy}")
    for each in found:
        logger.error(
            "usage in doubt",
            tenant_id=running.tenant_id,
            meter=each.meter,
            day=each.day.isoformat(),
            told=each.told,
            counted=int(each.counted),
        )
    return Done()


def _counted(sums: Sums, catalog: Catalog, span: Span) -> Mapping[date, Decimal]:
    """Nothing, where Stripe has no such meter or customer any more."""
    try:
        return sums.usage_by_day(
            event_name=catalog.meters[span.meter].event_name,
            customer=span.customer_id,
            since=span.since,
            until=span.until,
        )
    except StripeRefused as refused:
        logger.warning("usage is not shown", meter=span.meter, why=str(refused))
        return {}
