"""The statements of jobs that features and requests use; those of whoever runs one are in leases.py."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from pydantic import BaseModel

from freehold.database import Query, Statement, Write, done, one, page, write
from freehold.errors import BacklogFull
from freehold.jobs.kinds import Kind
from freehold.jobs.models import Filter, Job, JobClass, JobId, JobInLine, State

COLUMNS: LiteralString = (
    "id, kind, job_class, state, attempt, attempts, done, total, reason, result, cancel_asked, due_at, deadline,"
    " created_by, request_id, created_at, started_at, finished_at, updated_at"
)
VISIBLE: LiteralString = "job_class in ('interactive', 'standard', 'bulk', 'payments')"
PUBLIC = (JobClass.INTERACTIVE, JobClass.STANDARD, JobClass.BULK, JobClass.PAYMENTS)
"""The classes whose jobs a tenant sees; the others are our own machines'."""
HELD: LiteralString = "string_to_array(current_setting('app.permissions'), ' ')"
SEEN: LiteralString = f"""
    {VISIBLE} and (job_class <> 'payments' or 'billing:read' = any({HELD})
                   and not starts_with(current_setting('app.principal'), 'operator:'))
"""
"""What whoever asks may see: payments need billing:read and no operator, as they may say where to pay."""
TOUCHED: LiteralString = f"{SEEN} and (job_class <> 'payments' or 'billing:write' = any({HELD}))"
"""What whoever asks may cancel and run again, with the permission for that."""
PLACE: LiteralString = f"""
    coalesce(q.backlog, c.backlog, 2147483647) > (
        select count(*) from (
            select from app.jobs j
             where j.tenant_id = %(tenant_id)s and j.job_class = c.name and j.{VISIBLE}
               and j.state in ('scheduled', 'waiting')
             limit coalesce(q.backlog, c.backlog, 0)) backlog)
"""
"""Whether one more may wait, in the class `c`, of a tenant with the quota `q`."""
GRACE = timedelta(minutes=1)
"""For how long the first job of a lane has the lane to itself, to see whether it is passable again."""


def submit[I: BaseModel](  # noqa: PLR0913 (by name)
    kind: Kind[I],
    given: I,
    *,
    cause: str | None = None,
    lane: UUID | None = None,
    due: datetime | None = None,
    deadline: datetime | None = None,
    only_if: LiteralString = "true",
) -> Write[Job]:
    """A new job, for a request. One with the same cause is the answer when it is there already.

    Raises BacklogFull, also where `only_if`, a condition in SQL, does not hold; and InvalidInput where it is given too
    much.
    """
    return write(
        Job,
        f"""
        insert into app.jobs (tenant_id, kind, job_class, state, cause, lane, input, attempts, due_at, deadline)
        select %(tenant_id)s, %(kind)s, c.name,
               case when %(due)s::timestamptz > now() then 'scheduled' else 'waiting' end, %(cause)s, %(lane)s::uuid,
               %(input)s::jsonb, %(attempts)s, greatest(now(), %(due)s::timestamptz), %(deadline)s::timestamptz
          from app.job_classes c
          left join app.job_quotas q on q.tenant_id = %(tenant_id)s and q.job_class = c.name
         where c.name = %(job_class)s and {PLACE} and {only_if}
        on conflict (tenant_id, kind, cause) where cause is not null do update set updated_at = jobs.updated_at
        """,
        unchanged="select * from app.jobs where tenant_id = %(tenant_id)s and kind = %(kind)s and cause = %(cause)s",
        answer=COLUMNS,
        event=None,
        otherwise=BacklogFull,
        kind=kind.name,
        job_class=kind.job_class.value,
        input=kind.written(given),
        attempts=kind.attempts,
        cause=cause,
        lane=lane,
        due=due,
        deadline=deadline,
    )


def enqueue[I: BaseModel](
    kind: Kind[I], given: I, *, cause: str | None = None, lane: UUID | None = None, delay: timedelta = timedelta()
) -> Statement[None]:
    """A new job, for a worker inside a unit of its own: without a quota; the same cause again makes none."""
    return done(
        """
        insert into app.jobs (tenant_id, kind, job_class, state, cause, lane, input, attempts, due_at)
        values (%(tenant_id)s, %(kind)s, %(job_class)s,
                case when %(delay)s > interval '0' then 'scheduled' else 'waiting' end,
                %(cause)s, %(lane)s, %(input)s::jsonb, %(attempts)s, now() + %(delay)s)
        on conflict (tenant_id, kind, cause) where cause is not null do nothing
        """,
        kind=kind.name,
        job_class=kind.job_class.value,
        input=kind.written(given),
        attempts=kind.attempts,
        cause=cause,
        lane=lane,
        delay=delay,
    )


def hold_lane(lane: UUID, until: datetime) -> Statement[None]:
    """Keep jobs of a lane that are due before `until` from running until then; no more than 1,000 each time.

    The one that is first in line runs at `until`, to see, and the others a minute later. Whoever meets the next of a
    longer lane holds it again. What is due later by itself, and what somebody takes at this moment, stays as it is.
    """
    return done(
        """
        with waiting as materialized (
            select id, due_at from app.jobs
             where tenant_id = %(tenant_id)s and lane = %(lane)s and state = 'waiting' and due_at < %(until)s
             order by due_at, id limit 1000 for update skip locked
        ), scheduled as materialized (
            select id, due_at from app.jobs
             where tenant_id = %(tenant_id)s and lane = %(lane)s and state = 'scheduled' and due_at < %(until)s
             order by due_at, id limit 1000 for update skip locked
        ), line as (
            select id, row_number() over (order by due_at, id) as place
              from (select * from waiting union all select * from scheduled) soonest order by place limit 1000
        ), scout as (
            select from app.jobs
             where tenant_id = %(tenant_id)s and lane = %(lane)s and state = 'scheduled' and due_at = %(until)s limit 1
        )
        update app.jobs j
           set state = 'scheduled', updated_at = now(),
               due_at = case when l.place = 1 and not exists (select from scout) then %(until)s
                             else %(until)s + %(grace)s end
          from line l where j.tenant_id = %(tenant_id)s and j.id = l.id
        """,
        lane=lane,
        until=until,
        grace=GRACE,
    )


def release_lane(lane: UUID) -> Statement[None]:
    """Let jobs of a lane run that were kept, the first 1,000; the others when it is called again, or due."""
    return done(
        """
        with kept as materialized (
            select id from app.jobs
             where tenant_id = %(tenant_id)s and lane = %(lane)s and state = 'scheduled'
             order by due_at, id limit 1000 for update skip locked
        )
        update app.jobs j set state = 'waiting', due_at = now(), updated_at = now()
          from kept k where j.tenant_id = %(tenant_id)s and j.id = k.id
        """,
        lane=lane,
    )


def jobs(shown: Filter, limit: int, cursor: UUID) -> Query[bytes]:
    """A page of jobs, newest first."""
    return page(
        f"select {COLUMNS} from app.jobs where tenant_id = %(tenant_id)s and id < %(cursor)s and {SEEN}"
        " and job_class = any(%(classes)s) and state = any(%(states)s) order by id desc",
        classes=[shown.job_class.value] if shown.job_class else [each.value for each in PUBLIC],
        states=[shown.state.value] if shown.state else [each.value for each in State],
        limit=limit,
        cursor=cursor,
    )


def job(job_id: JobId) -> Query[JobInLine]:
    """One job, and what decides when it is its turn."""
    return one(
        JobInLine,
        f"""
        select {COLUMNS},
               (select coalesce(max(q.concurrency), max(c.concurrency)) from app.job_classes c
                  left join app.job_quotas q on q.tenant_id = %(tenant_id)s and q.job_class = c.name
                 where c.name = j.job_class) as concurrency,
               (select count(*) from app.jobs o
                 where o.tenant_id = %(tenant_id)s and o.job_class = j.job_class
                   and o.state in ('queued', 'running')) as under_way,
               (select count(*) from app.jobs o
                 where o.tenant_id = %(tenant_id)s and o.job_class = j.job_class
                   and o.state = 'waiting' and (o.due_at, o.id) < (j.due_at, j.id)) as ahead
          from app.jobs j where j.tenant_id = %(tenant_id)s and j.id = %(id)s and {SEEN}
        """,
        id=job_id,
    )


def cancel_job(job_id: JobId) -> Write[Job]:
    """A job that is not to be done any more: at once, or, while a worker runs it, as soon as that one looks."""
    return write(
        Job,
        f"""
        update app.jobs
           set state = case state when 'running' then state else 'canceled' end,
               finished_at = case state when 'running' then null else now() end,
               token = case state when 'running' then token end,
               lease_until = case state when 'running' then lease_until end,
               cancel_asked = true, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and {TOUCHED}
           and state in ('scheduled', 'waiting', 'queued', 'running') and not cancel_asked
        """,
        unchanged=f"select * from app.jobs where tenant_id = %(tenant_id)s and id = %(id)s and {SEEN}",
        answer=COLUMNS,
        event=None,
        id=job_id,
    )


def retry_job(job_id: JobId) -> Write[Job]:
    """A job that ended without success, from its last checkpoint, with all its attempts before it.

    Raises BacklogFull where there is no place for it, or no such job.
    """
    return write(
        Job,
        f"""
        update app.jobs
           set state = 'waiting', attempt = 0, reason = null, cancel_asked = false, due_at = now(), deadline = null,
               finished_at = null, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and {TOUCHED} and state in ('failed', 'canceled')
           and exists (
                select from app.job_classes c
                  left join app.job_quotas q on q.tenant_id = %(tenant_id)s and q.job_class = c.name
                 where c.name = jobs.job_class and {PLACE})
        """,
        unchanged=f"select * from app.jobs where tenant_id = %(tenant_id)s and id = %(id)s and {SEEN}"
        " and state not in ('failed', 'canceled')",
        answer=COLUMNS,
        event=None,
        otherwise=BacklogFull,
        id=job_id,
    )
