"""Compares, for every tenant that Stripe knows, what was recorded, what was aggregated, reported, and is counted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from freehold import clock
from freehold.database import Database, Query, Statement, TenantGone, WorkerCaller, Works, every
from freehold.ids import TenantId, first_id
from freehold.usage.billable import DRAFT
from freehold.usage.comparison import Doubt
from freehold.usage.records import BEFORE_ITS_TIME

WORKER = "usage"
PAGE = 500
BACK = timedelta(days=365)
"""Events are kept a little longer than that."""


class Total(BaseModel):
    """A meter of a tenant, from what was recorded to what Stripe was told."""

    meter: str
    recorded: int
    aggregated: int
    free: int
    claimed: int
    told: int
    reported: int
    sending: int
    refused: int
    doubtful: int
    lost: int
    """What a subscription was to pay for that has ended, and whose last invoice has gone out without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One meter of a tenant."""

    tenant_id: UUID
    total: Total
    doubts: tuple[Doubt, ...] = ()

    @property
    def unreported(self) -> int:
        """What Stripe was not told yet, or is not to be told, as nobody pays for it."""
        return self.total.aggregated - self.total.free - self.total.claimed

    @property
    def problems(self) -> list[str]:
        """A sentence for each thing that is wrong."""
        total = self.total
        found = []
        if total.recorded != total.aggregated:
            found.append(f"{total.recorded} were recorded, and the hours come to {total.aggregated}.")
        if total.claimed != total.told or self.unreported < 0:
            found.append(f"The hours say that {total.claimed} were reported, and the reports come to {total.told}.")
        if total.refused:
            found.append(f"Stripe has refused {total.refused}; it is told again each hour. The log says why.")
        if total.doubtful:
            found.append(f"Of {total.doubtful} nobody knows whether Stripe counts them: docs/usage.md says what to do.")
        if total.lost:
            found.append(f"{total.lost} were to be paid for by a subscription that has ended, and were not reported.")
        found += [f"Of {each.day} Stripe counts {each.counted}, and was told {each.told}." for each in self.doubts]
        return found


def known_tenants(after: UUID, batch: int) -> Statement[list[UUID]]:
    """A page of those whom Stripe knows."""
    return Statement(
        "select tenant_id from app.billing_tenants(%(after)s, %(batch)s)",
        {"after": after, "batch": batch},
        lambda result: [tenant_id for (tenant_id,) in result.fetchall()],
    )


def totals(since: datetime) -> Query[list[Total]]:
    """Each meter of the tenant, of the hours since then, which is the beginning of one."""
    return every(
        Total,
        """
        with hours as (
            select meter, sum(quantity) as aggregated, sum(free) as free, sum(claimed) as claimed from app.usage_hours
             where tenant_id = %(tenant_id)s and hour >= %(since)s group by meter
        ), reports as (
            select meter, coalesce(sum(quantity) filter (where state <> 'void'), 0) as told,
                   coalesce(sum(quantity) filter (where state = 'reported'), 0) as reported,
                   coalesce(sum(quantity) filter (where state = 'sending'), 0) as sending,
                   coalesce(sum(quantity) filter (where state = 'refused'), 0) as refused,
                   coalesce(sum(quantity) filter (where state = 'doubtful'), 0) as doubtful
              from app.usage_reports where tenant_id = %(tenant_id)s and hour >= %(since)s group by meter
        ), events as (
            select meter, sum(quantity) as recorded from app.usage_events
             where tenant_id = %(tenant_id)s and id >= %(first)s and occurred_at >= %(since)s group by meter
        ), ended as materialized (
            select i.meter, b.started_at as since, b.ended_at as until
              from app.subscriptions b join app.billing_syncs s on s.tenant_id = b.tenant_id and s.clock_id is null
                   cross join lateral (
                       select distinct split_part(item #>> '{price,metadata,freehold_component}', ':', 2) as meter
                         from jsonb_array_elements(b.items) item
                        where item #>> '{price,metadata,freehold_component}' like 'usage:%%') i
             where b.tenant_id = %(tenant_id)s and b.status = 'canceled'
               and (b.ended_at < %(gone_out)s or b.ended_at < b.current_period_end)
        ), lost as (
            select h.meter, sum(greatest(0, u.used - t.told)) as lost
              from ended n join app.usage_hours h
                on h.tenant_id = %(tenant_id)s and h.meter = n.meter and h.hour >= %(since)s
               and h.hour >= date_trunc('hour', n.since, 'UTC') and h.hour < n.until
               and h.quantity > h.claimed + h.free
                   cross join lateral (
                       select coalesce(sum(e.quantity), 0) as used from app.usage_events e
                        where e.tenant_id = %(tenant_id)s and e.id >= %(first)s and e.meter = h.meter
                          and e.occurred_at >= greatest(h.hour, n.since)
                          and e.occurred_at < least(h.hour + interval '1 hour', n.until)) u
                   cross join lateral (
                       select coalesce(sum(r.quantity), 0) as told from app.usage_reports r
                        where r.tenant_id = %(tenant_id)s and r.meter = h.meter and r.hour = h.hour
                          and r.since = n.since and r.state <> 'void') t
             group by h.meter
        )
        select h.meter, coalesce(e.recorded, 0) as recorded, h.aggregated, h.free, h.claimed,
               coalesce(r.told, 0) as told, coalesce(r.reported, 0) as reported, coalesce(r.sending, 0) as sending,
               coalesce(r.refused, 0) as refused, coalesce(r.doubtful, 0) as doubtful,
               coalesce(l.lost, 0) as lost
          from hours h left join reports r on r.meter = h.meter left join events e on e.meter = h.meter
               left join lost l on l.meter = h.meter
         order by h.meter
        """,
        since=since,
        first=first_id(since - BEFORE_ITS_TIME),
        gone_out=clock.now() - DRAFT,
    )


def check(
    system: Database, worker: Database, doubts_of: Callable[[Works], Iterable[Doubt]] = lambda _: ()
) -> Iterator[Checked]:
    """Each meter of each tenant, over the last year. Nothing is changed. `doubts_of` asks Stripe; it raises as that."""
    after = UUID(int=0)
    while page := system.outside(known_tenants(after, PAGE)):
        for tenant_id in page:
            caller = WorkerCaller(tenant_id=TenantId(tenant_id), worker=WORKER, request_id=WORKER)
            yield from _checked(tenant_id, worker.working(caller), doubts_of)
        after = page[-1]


def _checked(tenant_id: UUID, works: Works, doubts_of: Callable[[Works], Iterable[Doubt]]) -> Iterator[Checked]:
    since = (clock.now() - BACK).replace(minute=0, second=0, microsecond=0)
    try:
        found, doubts = works.one(totals(since)), tuple(doubts_of(works))
    except TenantGone:
        return
    for total in found:
        its = tuple(each for each in doubts if each.meter == total.meter)
        yield Checked(tenant_id=tenant_id, total=total, doubts=its)
