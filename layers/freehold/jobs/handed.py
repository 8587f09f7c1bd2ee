"""The message by which a job goes from the dispatcher to its worker."""

from collections.abc import Mapping
from uuid import UUID

from freehold.ids import TenantId
from freehold.jobs.models import JobId
from freehold.messaging.batch import Body


class Handed(Body):
    """A job that was handed over, this once."""

    tenant_id: TenantId
    job_id: JobId
    token: UUID
    request_id: str

    @property
    def traced(self) -> Mapping[str, str]:
        """The request that submitted it, and which one it is."""
        return {"request_id": self.request_id, "tenant_id": str(self.tenant_id), "job_id": str(self.job_id)}

    @property
    def handed_by(self) -> tuple[str, object]:
        """The dispatcher, this once."""
        return "send", self.token


class Picked(Handed):
    """A job as it is handed over, with what its worker need not know."""

    waited: float | None = None
    """Seconds since it was due; None where its tenant's own share kept it waiting, or it was begun before."""
