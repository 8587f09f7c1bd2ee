"""The statements of whoever runs a job: each holds under the token that it was handed over with, or raises LeaseLost.

A job that was canceled while it ran ends as soon as its worker puts it down.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.database import LeaseLost, Statement, done, lone
from freehold.jobs import events
from freehold.jobs.models import JobClass, JobId
from freehold.jobs.queries import COLUMNS, PUBLIC, VISIBLE
from freehold.messaging.events import EventType

MINE: LiteralString = "tenant_id = %(tenant_id)s and id = %(id)s and token = %(token)s and state = 'running'"
UNSAID: LiteralString = """
    case when job_class = 'payments' then '{"reason": null, "result": null}'::jsonb else '{}'::jsonb end
"""
"""What no event says, as its subscribers need no billing:read: of payments, why they failed and where to pay."""
DOWN: LiteralString = "token = null, lease_until = null, updated_at = now()"


@dataclass(frozen=True, slots=True)
class Held:
    """A job as it was handed over, this once."""

    job_id: JobId
    token: UUID

    def params(self) -> dict[str, Any]:
        """As each statement here names them."""
        return {"id": self.job_id, "token": self.token}


class Taken(BaseModel):
    """What its worker has to know of a job."""

    model_config = ConfigDict(frozen=True)

    id: JobId
    kind: str
    job_class: JobClass
    input: dict[str, Any]
    checkpoint: dict[str, Any] | None
    attempt: int
    attempts: int
    created_by: str
    request_id: str


class Beat(BaseModel):
    """What its worker hears while it runs one."""

    cancel_asked: bool


def start(held: Held) -> Statement[Taken | None]:
    """Begin an attempt. None when it was begun, canceled or handed over again since."""
    sql: LiteralString = """
        update app.jobs j
           set state = 'running', attempt = j.attempt + 1, started_at = coalesce(j.started_at, now()),
               lease_until = now() + c.lease, updated_at = now()
          from app.job_classes c
         where j.tenant_id = %(tenant_id)s and j.id = %(id)s and j.token = %(token)s and j.state = 'queued'
           and c.name = j.job_class
        returning j.id, j.kind, j.job_class, j.input, j.checkpoint, j.attempt, j.attempts, j.created_by, j.request_id
    """
    return Statement(sql, held.params(), lambda result: result.fetchone(), Taken)


def begun(held: Held) -> Statement[Taken | None]:
    """The attempt that was begun under this token. None when there is none, or it is over."""
    sql: LiteralString = f"""
        select id, kind, job_class, input, checkpoint, attempt, attempts, created_by, request_id
          from app.jobs where {MINE}
    """
    return Statement(sql, held.params(), lambda result: result.fetchone(), Taken)


def beat(held: Held, *, done: int | None, total: int | None, checkpoint: dict[str, Any] | None) -> Statement[Beat]:
    """Keep the job, and note how far it is."""
    return lone(
        Beat,
        """
        update app.jobs j
           set lease_until = now() + c.lease, done = coalesce(%(done)s, j.done), total = coalesce(%(total)s, j.total),
               checkpoint = coalesce(%(checkpoint)s::jsonb, j.checkpoint), updated_at = now()
          from app.job_classes c
         where j.tenant_id = %(tenant_id)s and j.id = %(id)s and j.token = %(token)s and j.state = 'running'
           and c.name = j.job_class
        returning j.cancel_asked
        """,
        otherwise=LeaseLost,
        done=done,
        total=total,
        checkpoint=_json(checkpoint),
        **held.params(),
    )


def succeed(held: Held, job_class: JobClass, result: dict[str, Any] | None) -> Statement[None]:
    """It is done. Of a machine's own job nothing is kept."""
    if job_class not in PUBLIC:
        return done(
            f"with kept as (delete from app.jobs where {MINE} returning id) select app.hold_lease(count(*)) from kept",
            **held.params(),
        )
    return _ended(held, "state = 'succeeded', result = %(result)s::jsonb", events.JOB_SUCCEEDED, result=_json(result))


def fail(held: Held, reason: str) -> Statement[None]:
    """It has failed for good, until somebody says that it shall run again."""
    return _ended(held, "state = 'failed', reason = %(reason)s", events.JOB_FAILED, reason=reason)


def stop(held: Held) -> Statement[None]:
    """It was canceled."""
    return done(
        f"""
        with kept as (update app.jobs set state = 'canceled', finished_at = now(), {DOWN} where {MINE} returning id)
        select app.hold_lease(count(*)) from kept
        """,
        **held.params(),
    )


def put_off(held: Held, *, wait: timedelta, spread: timedelta, reason: str, counts: bool) -> Statement[None]:
    """Try it again after `wait`, and up to `spread` later; the attempt is one of its attempts if it `counts`."""
    return done(
        f"""
        with kept as (
            update app.jobs
               set state = case when cancel_asked then 'canceled' else 'scheduled' end,
                   finished_at = case when cancel_asked then now() end,
                   due_at = now() + %(wait)s + %(spread)s * random(), reason = %(reason)s,
                   attempt = attempt - case when %(counts)s then 0 else 1 end, {DOWN}
             where {MINE} returning id)
        select app.hold_lease(count(*)) from kept
        """,
        wait=wait,
        spread=spread,
        reason=reason,
        counts=counts,
        **held.params(),
    )


def resume(held: Held, checkpoint: dict[str, Any]) -> Statement[None]:
    """Go on with the same attempt when it is its turn again; it keeps its place among its tenant's."""
    return done(
        f"""
        with kept as (
            update app.jobs
               set state = case when cancel_asked then 'canceled' else 'waiting' end,
                   finished_at = case when cancel_asked then now() end,
                   checkpoint = %(checkpoint)s::jsonb, attempt = attempt - 1, {DOWN}
             where {MINE} returning id)
        select app.hold_lease(count(*)) from kept
        """,
        checkpoint=_json(checkpoint),
        **held.params(),
    )


def _ended(held: Held, how: LiteralString, event: EventType, **params: object) -> Statement[None]:
    return done(
        f"""
        with kept as (
            update app.jobs set {how}, finished_at = now(), {DOWN} where {MINE}
            returning case when {VISIBLE} then app.announce(%(event)s, id, %(event_version)s,
                      (select to_jsonb(data) from (select {COLUMNS}) data) || {UNSAID}) end)
        select app.hold_lease(count(*)) from kept
        """,
        event=event.name,
        event_version=event.version,
        **held.params(),
        **params,
    )


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value)
