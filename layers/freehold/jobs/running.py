"""A job while it runs, as the function of its kind sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from freehold.database import Works
from freehold.ids import TenantId
from freehold.jobs import leases
from freehold.jobs.leases import Held
from freehold.jobs.models import JobId


class Canceled(Exception):
    """Somebody canceled the job that runs. Let it pass; what was not committed is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """`works` is the database in the job's tenant; with a kind's permission, on behalf of whoever submitted the job."""

    tenant_id: TenantId
    held: Held
    attempt: int
    """Counted from one."""
    attempts: int
    request_id: str
    checkpoint: dict[str, Any] | None
    """Where an earlier invocation, or an earlier attempt, has got to."""
    works: Works
    seconds_left: Callable[[], float]
    """Until the invocation ends. Answer Resume well before."""

    @property
    def job_id(self) -> JobId:
        """Which job it is."""
        return self.held.job_id

    def beat(self, done: int | None = None, total: int | None = None, checkpoint: dict[str, Any] | None = None) -> None:
        """Keep the lease, which lasts a minute or more, and note how far it is. Raises LeaseLost and Canceled."""
        statement = leases.beat(self.held, done=done, total=total, checkpoint=checkpoint)
        with self.works.transaction() as tx:
            heard = tx.put(statement)
        if heard.value.cancel_asked:
            raise Canceled
