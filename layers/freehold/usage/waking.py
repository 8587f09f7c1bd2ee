"""Finds the tenants whose usage Stripe is to be told, or was told lately, and submits the jobs for it."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from freehold import clock
from freehold.database import Database, Statement, TenantGone, WorkerCaller, done
from freehold.ids import TenantId
from freehold.jobs.kinds import Kind
from freehold.observability import logger
from freehold.usage import comparison
from freehold.usage.reporting import Nothing

WORKER = "usage"
MOST = 50_000
"""More than one call comes to."""
PAGE = 500
NOBODY = UUID(int=0)
NOON = 12
"""An hour in UTC: by then all are compared, or a person hears of it."""
TURN = timedelta(minutes=4, seconds=30)
"""After its turn nobody is due for so long: it is over by the next call, five minutes later, and behind who waits."""


class NotAllReached(Exception):
    """There was no time for the others."""


def wake(system: Database, worker: Database, kind: Kind[Any], *, request_id: str, latest: float) -> int:
    """How many tenants were found. Begins none from `latest` on, on the monotonic clock: it is first next time."""
    found = 0
    for tenant_id in system.outside(due_tenants(MOST)):
        if time.monotonic() > latest:
            return found
        _submit(worker, tenant_id, submit(kind, Nothing()), request_id)
        found += 1
    logger.info("usage is due", tenants=found)
    return found


def wake_comparisons(system: Database, worker: Database, kind: Kind[Any], *, request_id: str, latest: float) -> None:
    """Of each tenant of which Stripe was told something lately, from behind the one that was reached the last time.

    Begins none from `latest` on, on the monotonic clock: raises NotAllReached, and the next call goes on there.
    """
    while page := system.outside(uncompared_tenants(PAGE)):
        reached = None
        try:
            for tenant_id in page:
                if time.monotonic() > latest:
                    raise _late(tenant_id)
                _submit(worker, tenant_id, comparison.submit(kind), request_id)
                reached = tenant_id
        finally:
            if reached:
                system.outside(_place(reached))
    system.outside(_place(NOBODY))


def due_tenants(most: int) -> Statement[list[UUID]]:
    """Those whom Stripe knows and does not know all of, the longest due first."""
    return Statement(
        "select tenant_id from app.usage_due(%(most)s)",
        {"most": most},
        lambda result: [tenant_id for (tenant_id,) in result.fetchall()],
    )


def uncompared_tenants(most: int) -> Statement[list[UUID]]:
    """Of those whom Stripe knows, the next that are behind the one that was reached last."""
    return Statement(
        "select tenant_id from app.usage_uncompared(%(most)s)",
        {"most": most},
        lambda result: [tenant_id for (tenant_id,) in result.fetchall()],
    )


def submit(kind: Kind[Any], given: BaseModel) -> Statement[None]:
    """A job for the tenant, if it is due and has none that is not over; its next turn is after everybody else's."""
    return done(
        """
        with noted as materialized (
            select job_id from app.usage_unreported where tenant_id = %(tenant_id)s and due_at <= now() for update
        ), made as (
            insert into app.jobs (tenant_id, kind, job_class, state, input, attempts)
            select %(tenant_id)s, %(kind)s, %(job_class)s, 'waiting', %(input)s::jsonb, %(attempts)s from noted n
             where not exists (select from app.jobs j
                                where j.tenant_id = %(tenant_id)s and j.id = n.job_id
                                  and j.state in ('scheduled', 'waiting', 'queued', 'running'))
            returning id
        )
        update app.usage_unreported u
           set job_id = coalesce((select id from made), n.job_id), due_at = now() + %(turn)s
          from noted n where u.tenant_id = %(tenant_id)s
        """,
        kind=kind.name,
        job_class=kind.job_class.value,
        input=kind.written(given),
        attempts=kind.attempts,
        turn=TURN,
    )


def _late(tenant_id: UUID) -> NotAllReached:
    log = logger.error if clock.now().hour >= NOON else logger.info
    log("usage is not compared", from_tenant=str(tenant_id))
    return NotAllReached()


def _place(reached: UUID) -> Statement[None]:
    """Where app.usage_uncompared begins: the holder of a turn that is over at once."""
    return Statement(
        "select app.take_turn('usage_compared', '', %(tenant)s, interval '0')",
        {"tenant": str(reached)},
        lambda _: None,
    )


def _submit(worker: Database, tenant_id: UUID, job: Statement[None], request_id: str) -> None:
    caller = WorkerCaller(tenant_id=TenantId(tenant_id), worker=WORKER, request_id=request_id)
    try:
        worker.working(caller).do(job)
    except TenantGone:
        logger.info("tenant is gone", tenant_id=str(caller.tenant_id))
