"""The statements of whoever tells Stripe what was used; those of requests are in queries.py."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.database import Query, Statement, done, every, one
from freehold.ids import first_id
from freehold.usage.queries import LIVE

MOST = 10**15 - 1
"""Of one report: Stripe takes 15 digits."""
BEFORE_ITS_TIME = timedelta(hours=1)
"""So much earlier than it happened no event is recorded; the clock of its sender may be five minutes ahead."""
MOST_DUE = 500
"""Hours in one look; what is left waits for the next."""
COUNTED: LiteralString = "clock_timestamp() - interval '1 hour'"
"""What Stripe has by then, its sums show."""
REPORT: LiteralString = f"""
    id, meter, hour, since, quantity, customer_id, counted_at, first_counted_at,
    sent_at < {COUNTED} as settled,
    sent_at < clock_timestamp() - interval '23 hours' as stale
"""
"""An identifier of less than 23 hours ago, Stripe still knows."""


class Subscribed(BaseModel):
    """A subscription that is billed, as our copy of it says, or whose last invoice is a draft."""

    started_at: datetime | None
    ended_at: datetime | None
    items: tuple[dict[str, Any], ...]


class Report(BaseModel):
    """What Stripe is told: so much of a meter, counted at a moment. What of it is known is for the sums to say."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    meter: str
    hour: datetime
    since: datetime
    quantity: int
    customer_id: str
    counted_at: datetime
    first_counted_at: datetime
    settled: bool
    stale: bool


class Look(BaseModel):
    """What there is to know before Stripe is told something; `under_way` is what nobody knows the end of."""

    changes: int
    customer_id: str | None
    clock_id: str | None
    subscriptions: tuple[Subscribed, ...]
    under_way: Report | None

    @property
    def is_paid_for(self) -> bool:
        """Whether there is a price for usage that goes on, though it may be one that our catalog does not know."""
        return any(
            item["price"]["metadata"].get("freehold_component", "").startswith("usage:")
            for each in self.subscriptions
            for item in each.items
            if each.ended_at is None
        )


class DueHour(BaseModel):
    """An hour of a meter that Stripe does not know all of. `bill` is the place of what it is billed by."""

    model_config = ConfigDict(frozen=True)

    meter: str
    hour: datetime
    bill: int


class Told(BaseModel):
    """What reports of a meter came to, of those that are counted in some hours; whether one of them is in doubt."""

    reported: int
    doubtful: bool


def look(ended_after: datetime) -> Query[Look]:
    """With the subscriptions that have ended with their periods since then: their last invoices are drafts.

    The last invoice of one that has ended before is final at once, and one that is paused has none until it goes on.
    Raises NotFound where all is told.
    """
    return one(
        Look,
        f"""
        select u.changes, s.customer_id, s.clock_id,
               coalesce((select json_agg(json_build_object(
                                    'started_at', b.started_at, 'ended_at', b.ended_at, 'items', b.items))
                           from app.subscriptions b
                          where b.tenant_id = %(tenant_id)s
                            and (b.status in {LIVE} and b.status <> 'paused'
                                 or b.status = 'canceled' and b.ended_at > %(ended_after)s
                                    and b.ended_at >= b.current_period_end)),
                        '[]') as subscriptions,
               (select to_jsonb(r) from (select {REPORT} from app.usage_reports
                                          where tenant_id = %(tenant_id)s and state = 'sending') r) as under_way
          from app.usage_unreported u left join app.billing_syncs s on s.tenant_id = u.tenant_id
         where u.tenant_id = %(tenant_id)s
        """,
        ended_after=ended_after,
    )


def due_hours(
    meters: Sequence[str], since: Sequence[datetime], until: Sequence[datetime | None]
) -> Query[list[DueHour]]:
    """Oldest first, of each meter those that are billed: from the hour on in which that began to where it ended."""
    return every(
        DueHour,
        """
        select h.meter, h.hour, b.place - 1 as bill
          from unnest(%(meters)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[])
               with ordinality b (meter, since, until, place)
          join app.usage_hours h on h.tenant_id = %(tenant_id)s and h.meter = b.meter
           and h.hour >= date_trunc('hour', b.since, 'UTC') and h.hour < coalesce(b.until, 'infinity')
         where h.quantity > h.claimed + h.free
         order by h.hour, h.meter, b.place limit %(most)s
        """,
        meters=list(meters),
        since=list(since),
        until=list(until),
        most=MOST_DUE,
    )


def lock_hour(due: DueHour) -> Statement[None]:
    """Whoever records into it waits, so that the next statement sees all that was recorded."""
    return done(
        "select from app.usage_hours"
        " where tenant_id = %(tenant_id)s and meter = %(meter)s and hour = %(hour)s for update",
        meter=due.meter,
        hour=due.hour,
    )


def begin(
    due: DueHour, *, customer_id: str, counted_at: datetime, since: datetime, until: datetime | None
) -> Statement[Report | None]:
    """A report of what is left of an hour, which is written down before Stripe is told; None where nothing is left.

    What was used in it before `since` or from `until` on is free, but for what another subscription was told to pay.
    None, too, while another report of the tenant is under way: one at a time, so that Stripe's sums tell of one alone.
    """
    return Statement(
        f"""
        with h as (
            select h.*, case
                       when h.hour >= %(since)s
                        and h.hour + interval '1 hour' <= coalesce(%(until)s::timestamptz, 'infinity') then 0
                       else greatest(0, coalesce((
                           select sum(e.quantity) from app.usage_events e
                            where e.tenant_id = h.tenant_id and e.id >= %(first)s and e.meter = h.meter
                              and e.occurred_at >= h.hour and e.occurred_at < h.hour + interval '1 hour'
                              and (e.occurred_at < %(since)s or e.occurred_at >= %(until)s::timestamptz)), 0)
                         - coalesce((
                           select sum(r.quantity) from app.usage_reports r
                            where r.tenant_id = h.tenant_id and r.meter = h.meter and r.hour = h.hour
                              and r.since <> %(since)s and r.state <> 'void'), 0)) end as now_free
              from app.usage_hours h
             where h.tenant_id = %(tenant_id)s and h.meter = %(meter)s and h.hour = %(hour)s
        ), made as (
            insert into app.usage_reports
                   (tenant_id, meter, hour, part, since, quantity, customer_id, counted_at, first_counted_at)
            select h.tenant_id, h.meter, h.hour,
                   (select coalesce(max(r.part), 0) + 1 from app.usage_reports r
                     where r.tenant_id = h.tenant_id and r.meter = h.meter and r.hour = h.hour),
                   %(since)s, least(h.quantity - h.claimed - h.now_free, %(most)s), %(customer_id)s,
                   %(counted_at)s, %(counted_at)s
              from h where h.quantity > h.claimed + h.now_free
            on conflict do nothing
            returning *
        ), claimed as (
            update app.usage_hours u
               set claimed = u.claimed + coalesce((select m.quantity from made m), 0), free = h.now_free
              from h where u.tenant_id = h.tenant_id and u.meter = h.meter and u.hour = h.hour
        )
        select {REPORT} from made
        """,
        {
            "meter": due.meter,
            "hour": due.hour,
            "customer_id": customer_id,
            "counted_at": counted_at,
            "since": since,
            "until": until,
            "first": first_id(due.hour - BEFORE_ITS_TIME),
            "most": MOST,
        },
        lambda result: result.fetchone(),
        Report,
    )


def count_later(report_id: UUID, counted_at: datetime) -> Statement[None]:
    """The next time Stripe is told of a report, it is to count it at this moment."""
    return done(
        """
        update app.usage_reports set counted_at = %(counted_at)s
         where tenant_id = %(tenant_id)s and id = %(id)s and state = 'sending'
        """,
        id=report_id,
        counted_at=counted_at,
    )


def finish(report_id: UUID, state: str, reason: str | None = None) -> Statement[None]:
    """How a report has ended. What one that never arrived stood for is to be reported anew."""
    return done(
        """
        with ended as (
            update app.usage_reports set state = %(state)s, reason = %(reason)s, finished_at = clock_timestamp()
             where tenant_id = %(tenant_id)s and id = %(id)s and state = 'sending'
            returning meter, hour, quantity
        )
        update app.usage_hours h set claimed = h.claimed - e.quantity from ended e
         where h.tenant_id = %(tenant_id)s and h.meter = e.meter and h.hour = e.hour and %(state)s = 'void'
        """,
        id=report_id,
        state=state,
        reason=reason,
    )


def give_back() -> Statement[None]:
    """What Stripe has refused is to be reported anew: what was wrong may have been mended."""
    return done(
        """
        with ended as (
            update app.usage_reports set state = 'void'
             where tenant_id = %(tenant_id)s and state = 'refused' returning meter, hour, quantity
        ), sums as (select meter, hour, sum(quantity) as quantity from ended group by meter, hour)
        update app.usage_hours h set claimed = h.claimed - s.quantity from sums s
         where h.tenant_id = %(tenant_id)s and h.meter = s.meter and h.hour = s.hour
        """
    )


def told(meter: str, customer_id: str, hours: Sequence[datetime]) -> Query[Told]:
    """What Stripe is known to count in these hours, by the moments that it was told."""
    return one(
        Told,
        """
        select coalesce(sum(quantity) filter (where state = 'reported'), 0) as reported,
               coalesce(bool_or(state = 'doubtful'), false) as doubtful
          from unnest(%(hours)s::timestamptz[]) s (hour)
          join app.usage_reports r on r.tenant_id = %(tenant_id)s and r.meter = %(meter)s
           and r.counted_at >= s.hour and r.counted_at < s.hour + interval '1 hour' and r.customer_id = %(customer_id)s
        """,
        meter=meter,
        customer_id=customer_id,
        hours=list(hours),
    )


def all_told(changes: int) -> Statement[None]:
    """Nothing is left to report, unless something was recorded since these changes."""
    return done(
        "delete from app.usage_unreported where tenant_id = %(tenant_id)s and changes = %(changes)s", changes=changes
    )


def look_later() -> Statement[None]:
    """Nothing can be reported for now."""
    return done("update app.usage_unreported set due_at = now() + interval '1 hour' where tenant_id = %(tenant_id)s")
