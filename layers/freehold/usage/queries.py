"""The statements of usage that requests send; those of whoever reports it are in records.py."""

from datetime import datetime
from typing import LiteralString

from pydantic import BaseModel

from freehold.database import Query, Write, one, stepwise
from freehold.usage.models import Recorded, UsageEvent, Window
from freehold.usage.rows import written

LIVE: LiteralString = "('trialing', 'active', 'past_due', 'unpaid', 'paused')"


class NotOnAClock(Exception):
    """Only a tenant whose customer at Stripe hangs on a test clock uses anything at another time."""


class Standing(BaseModel):
    """Which plan a tenant is on, its current period, and what it has used in it by meter."""

    plan: str | None
    add_ons: tuple[str, ...]
    interval: str | None
    period_start: datetime
    period_end: datetime
    used: dict[str, int]


def record(events: list[UsageEvent], now: datetime, *, on_a_clock: bool = False) -> Write[Recorded]:
    """Record what has not been recorded before, and add it to its hours: what is recorded is counted.

    `on_a_clock` is for tenants on a test clock of Stripe's alone: for any other it raises NotOnAClock.

    Whoever records for the same tenant at the same time takes keys, then hours, in one order, so that they wait for
    each other and never in a circle. The rows travel as one text, which costs a tenth of a thousand parameters.
    """
    return stepwise(
        Recorded,
        """
        with place as materialized (
            select where not %(on_a_clock)s or exists (
                select from app.billing_syncs s where s.tenant_id = %(tenant_id)s and s.clock_id is not null)
        ), given as materialized (
            select g.* from place, json_to_recordset(%(events)s::json)
                as g (id uuid, digest uuid, meter text, source text, event_id text, quantity bigint,
                      occurred_at timestamptz, subject text, properties jsonb)
        ), fresh as (
            insert into app.usage_keys (tenant_id, digest) select %(tenant_id)s, digest from given
            on conflict do nothing returning digest
        ), stored as (
            insert into app.usage_events
                   (tenant_id, id, meter, source, event_id, quantity, occurred_at, subject, properties)
            select %(tenant_id)s, id, meter, source, event_id, quantity, occurred_at, subject, properties
              from given join fresh using (digest)
            returning meter, quantity, occurred_at
        ), counted as (
            insert into app.usage_hours as h (tenant_id, meter, hour, quantity, events)
            select %(tenant_id)s, meter, date_trunc('hour', occurred_at, 'UTC') as hour, sum(quantity), count(*)
              from stored group by meter, hour order by meter, hour
            on conflict (tenant_id, meter, hour)
            do update set quantity = h.quantity + excluded.quantity, events = h.events + excluded.events
            returning 1
        ), noted as (
            insert into app.usage_unreported as u (tenant_id)
            select %(tenant_id)s from counted having count(*) > 0
            on conflict (tenant_id) do update set changes = u.changes + 1
        ), answer as (
            select count(*) as accepted, %(sent)s - count(*) as duplicates from fresh
            having exists (select from place))""",
        otherwise=NotOnAClock,
        on_a_clock=on_a_clock,
        events=written(events, now),
        sent=len(events),
    )


def usage(meter: str, window: Window, since: datetime, until: datetime) -> Query[bytes]:
    """The sums of a span, by the hour or the day, as JSON. An empty `meter` is all of them."""
    return Query(
        """
        select json_build_object('items', coalesce(json_agg(s order by s.start, s.meter), '[]'))::text from (
            select meter, date_trunc(%(window)s, hour, 'UTC') as start,
                   sum(quantity) as quantity, sum(events)::bigint as events
              from app.usage_hours
             where tenant_id = %(tenant_id)s and (%(meter)s = '' or meter = %(meter)s)
               and hour >= date_trunc(%(window)s, %(since)s::timestamptz, 'UTC') and hour < %(until)s
             group by 1, 2) s
        """,
        {"meter": meter, "window": window.value, "since": since, "until": until},
        lambda result: str(result.fetchone()[0]).encode(),
    )


def standing(now: datetime, meters: list[str]) -> Query[Standing]:
    """How the tenant stands in its current period.

    The period is worked out first: a function on the way would keep the index from being used, under the policy.
    """
    return one(
        Standing,
        f"""
        with period as (
            select a.plan, coalesce(a.add_ons, '{{}}') as add_ons, a."interval",
                   coalesce(a.current_period_start, date_trunc('month', %(now)s::timestamptz, 'UTC')) as period_start,
                   coalesce(a.current_period_end,
                            date_trunc('month', %(now)s::timestamptz, 'UTC') + interval '1 month') as period_end
              from (select) nothing
              left join app.billing_accounts a on a.tenant_id = %(tenant_id)s and a.status in {LIVE}
        ), asked as materialized (
            select m.meter, date_trunc('hour', p.period_start, 'UTC') as first_hour, p.period_end
              from period p, unnest(%(meters)s::text[]) m (meter)
        )
        select p.*, (
                select coalesce(json_object_agg(a.meter, u.quantity), '{{}}') from asked a cross join lateral (
                    select coalesce(sum(h.quantity), 0) as quantity from app.usage_hours h
                     where h.tenant_id = %(tenant_id)s and h.meter = a.meter
                       and h.hour >= a.first_hour and h.hour < a.period_end) u) as used
          from period p
        """,
        now=now,
        meters=meters,
    )
