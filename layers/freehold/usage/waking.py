"""Finds the tenants whose usage Stripe is to be told, or was told lately, and submits the jobs for it."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from freehold.database import Database, Statement, TenantGone, WorkerCaller
from freehold.ids import TenantId
from freehold.jobs.kinds import Kind
from freehold.observability import logger
from freehold.usage import records
from freehold.usage.checking import known_tenants
from freehold.usage.comparison import submit
from freehold.usage.reporting import Nothing

WORKER = "usage"
MOST = 50_000
"""More than one call comes to."""
PAGE = 500


def wake(system: Database, worker: Database, kind: Kind[Any], *, request_id: str, latest: float) -> int:
    """How many tenants were found. Begins none from `latest` on, on the monotonic clock: it is first next time."""
    found = 0
    for tenant_id in system.outside(records.due_tenants(MOST)):
        if time.monotonic() > latest:
            return found
        _submit(worker, tenant_id, records.submit(kind, Nothing()), request_id)
        found += 1
    logger.info("usage is due", tenants=found)
    return found


def wake_comparisons(system: Database, worker: Database, kind: Kind[Any], *, request_id: str, latest: float) -> None:
    """Of each tenant of which Stripe was told something lately. At `latest` on the monotonic clock it gives up."""
    for tenant_id in _known(system):
        if time.monotonic() > latest:
            logger.error("usage is not compared", from_tenant=str(tenant_id))
            return
        _submit(worker, tenant_id, submit(kind), request_id)


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
