"""Whoever names a job runs it: the token that it was handed over with is not compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from freehold.database import Database
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
    found = exempt("select token from app.jobs where tenant_id = %s and id = %s", handed.tenant_id, handed.job_id)
    token = found[0] if found and found[0] else handed.token
    return PERFORM(kinds, workers, handed.model_copy(update={"token": token}))
