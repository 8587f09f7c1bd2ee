"""Finds the tenants that have used something which Stripe does not know, and submits the job that reports it."""

import time
from typing import Any
from uuid import UUID

from freehold.database import Database, TenantGone, WorkerCaller
from freehold.ids import TenantId
from freehold.jobs.kinds import Kind
from freehold.observability import logger
from freehold.usage import records
from freehold.usage.reporting import Nothing

WORKER = "usage"
PAGE = 500


def wake(system: Database, worker: Database, kind: Kind[Any], *, request_id: str, latest: float) -> int:
    """How many tenants were found. Begins none from `latest` on, on the monotonic clock: the next call does."""
    found, after = 0, UUID(int=0)
    while page := system.outside(records.due_tenants(after, PAGE)):
        for tenant_id in page:
            if time.monotonic() > latest:
                return found
            caller = WorkerCaller(tenant_id=TenantId(tenant_id), worker=WORKER, request_id=request_id)
            _submit(worker, caller, kind)
            found, after = found + 1, tenant_id
    logger.info("usage is due", tenants=found)
    return found


def _submit(worker: Database, caller: WorkerCaller, kind: Kind[Any]) -> None:
    try:
        worker.working(caller).do(records.submit(kind, Nothing()))
    except TenantGone:
        logger.info("tenant is gone", tenant_id=str(caller.tenant_id))
