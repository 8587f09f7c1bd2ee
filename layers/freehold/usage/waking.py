"""Finds the tenants whose usage Stripe is to be told, or was told lately, and submits the jobs for it."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from freehold.database import Database, Statement, TenantGone, WorkerCaller, done
from freehold.ids import TenantId
from freehold.jobs.kinds import Kind
from freehold.observability import logger
from freehold.usage import comparison
from freehold.usage.checking import known_tenants
from freehold.usage.reporting import Nothing

WORKER = "usage"
MOST = 50_000
"""More than one call comes to."""
PAGE = 500
TURN = timedelta(minutes=4, seconds=30)
"""After its turn nobody is due for so long: it is over by the next call, five minutes later, and behind who waits."""


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
    """Of each tenant of which Stripe was told something lately. At `latest` on the monotonic clock it gives up."""
    for tenant_id in _known(system):
        if time.monotonic() > latest:
            logger.error("usage is not compared", from_tenant=str(tenant_id))
            return
        _submit(worker, tenant_id, comparison.submit(kind), request_id)


def due_tenants(most: int) -> Statement[list[UUID]]:
    """Those whom Stripe knows and does not know all of, the longest due first."""
    return Statement(
        "select tenant_id from app.usage_due(%(most)s)",
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


def _known(system: Database) -> Iterator[UUID]:
    after = UUID(int=0)
    while page := system.outside(known_tenants(after, PAGE)):
        yield from page
        after = page[-1]


def _submit(worker: Database, tenant_id: UUID, job: Statement[None], request_id: str) -> None:
    caller = WorkerCaller(tenant_id=TenantId(tenant_id), worker=WORKER, request_id=request_id)
    try:
        worker.working(caller).do(job)
    except TenantGone:
        logger.info("tenant is gone", tenant_id=str(caller.tenant_id))
