"""Compares, for every tenant that Stripe knows, what was recorded with what was aggregated and what was reported."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from freehold import clock
from freehold.database import Database, TenantGone, WorkerCaller
from freehold.ids import TenantId
from freehold.usage import records
from freehold.usage.records import Total

WORKER = "usage"
PAGE = 500
BACK = timedelta(days=365)
"""Events are kept a little longer than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One meter of a tenant."""

    tenant_id: UUID
    total: Total

    @property
    def unreported(self) -> int:
        """What Stripe was not told yet, or is not to be told, as nobody pays for it."""
        return self.total.aggregated - self.total.free - self.total.claimed

    @property
    def problems(self) -> list[str]:
        """A sentence for each thing that is wrong."""
        total = self.total
        found = []
        if total.recorded != total.aggregated:
            found.append(f"{total.recorded} were recorded, and the hours come to {total.aggregated}.")
        if total.claimed != total.told or self.unreported < 0:
            found.append(f"The hours say that {total.claimed} were reported, and the reports come to {total.told}.")
        if total.refused:
            found.append(f"Stripe has refused {total.refused}; it is told again each hour. The log says why.")
        if total.doubtful:
            found.append(f"Of {total.doubtful} nobody knows whether Stripe counts them: docs/usage.md says what to do.")
        return found


def check(system: Database, worker: Database) -> Iterator[Checked]:
    """Each meter of each tenant, over the last year. Nothing is changed."""
    after = UUID(int=0)
    while page := system.outside(records.known_tenants(after, PAGE)):
        for tenant_id in page:
            for total in _totals(worker, WorkerCaller(tenant_id=TenantId(tenant_id), worker=WORKER, request_id=WORKER)):
                yield Checked(tenant_id=tenant_id, total=total)
        after = page[-1]


def _totals(worker: Database, caller: WorkerCaller) -> list[Total]:
    since = (clock.now() - BACK).replace(minute=0, second=0, microsecond=0)
    try:
        return worker.working(caller).one(records.totals(since))
    except TenantGone:
        return []
