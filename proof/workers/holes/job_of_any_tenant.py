"""A worker looks for the job by its id alone, past every policy, and takes the tenant from what it finds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from freehold.database import Database
from freehold.ids import TenantId
from freehold.jobs import worker
from freehold.jobs.handed import Handed
from proof.http.planting import exempt, replaced
from proof.workers.attack import Focus

FOCUS = Focus(functions=("deliver_webhooks", "send_mail"))
PERFORM = worker.perform


@contextmanager
def plant() -> Iterator[None]:
    """Where a job is taken up."""
    with replaced(worker, "perform", _perform):
        yield


def _perform(kinds: Any, workers: Database, handed: Handed) -> str:  # noqa: ANN401 (as the worker's own)
    found = exempt("select tenant_id from app.jobs where id = %s", handed.job_id)
    tenant = TenantId(found[0]) if found else handed.tenant_id  # type: ignore[arg-type]
    return PERFORM(kinds, workers, handed.model_copy(update={"tenant_id": tenant}))
