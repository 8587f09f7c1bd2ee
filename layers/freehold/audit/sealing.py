"""Seals what waits, tenant by tenant, and writes down outside the database where each chain ends.

Whatever ends it, nothing is lost: what is not sealed waits in the database, and so does a head that was not written
down.
A call too many finds nothing to do, or somebody at it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from freehold import clock
from freehold.audit.anchors import Anchors
from freehold.audit.models import Anchor, Due, Sealed
from freehold.database import Database, Query, Statement, TenantGone, WorkerCaller, Works, done
from freehold.ids import TenantId, moment_of
from freehold.observability import logger

WORKER = "audit"
TENANTS = 1_000
"""In one look; the next call goes on with the others."""
BATCH = 500
"""Entries in one transaction: a tenth of a second, while which nobody who writes waits."""
IN_AN_ANCHOR = 10_000  # hashes, of 64 digits each


def due(batch: int) -> Statement[list[Due]]:
    """Tenants with something to do, whoever has waited longest first."""
    return Statement(
        "select tenant_id, oldest from app.audit_due(%(batch)s)",
        {"batch": batch},
        lambda result: [Due(TenantId(tenant), oldest) for tenant, oldest in result.fetchall()],
    )


def seal(batch: int) -> Statement[Sealed | None]:
    """Append to the tenant's chain; None where somebody else is at it."""
    return Statement(
        "select sealed, seq, anchored_seq from app.seal_audit(%(batch)s)",
        {"batch": batch},
        lambda result: Sealed(*row) if (row := result.fetchone()) else None,
    )


def hashes(after: int, limit: int) -> Query[list[tuple[int, bytes]]]:
    """Of the chain, behind `after`."""
    return Query(
        "select seq, hash from app.audit_seals where tenant_id = %(tenant_id)s and seq > %(after)s"
        " order by seq limit %(limit)s",
        {"after": after, "limit": limit},
        lambda result: result.fetchall(),
    )


def mark_anchored(seq: int) -> Statement[None]:
    """The chain is written down outside up to there."""
    return done(
        "update app.audit_heads set anchored_seq = greatest(anchored_seq, %(seq)s), anchored_at = now()"
        " where tenant_id = %(tenant_id)s",
        seq=seq,
    )


@dataclass(frozen=True)
class Sealer:
    """Goes from tenant to tenant; what fails in one keeps no other from being sealed."""

    system: Database
    worker: Database
    anchors: Anchors
    request_id: str
    _failures: list[Exception] = field(default_factory=list)

    def run(self, *, latest: float) -> int:
        """How many entries were sealed. Begins nothing from `latest` on, on the monotonic clock.

        Raises ExceptionGroup with whatever failed, once all others are done.
        """
        tenants = self.system.outside(due(TENANTS))
        sealed = sum(self._tend(each.tenant_id, latest) for each in tenants if time.monotonic() < latest)
        logger.info("sealed", entries=sealed, tenants=len(tenants), oldest_seconds=_age(tenants))
        if self._failures:
            raise ExceptionGroup("The audit trail of some tenants is not sealed, or not written down", self._failures)
        return sealed

    def _tend(self, tenant_id: TenantId, latest: float) -> int:
        works = self.worker.working(WorkerCaller(tenant_id=tenant_id, worker=WORKER, request_id=self.request_id))
        sealed = 0
        try:
            while (batch := _seal(works)) and batch.entries:
                sealed += batch.entries
                if batch.entries < BATCH or time.monotonic() >= latest:
                    break
            if batch:
                self._anchor(works, tenant_id, batch.anchored_seq)
        except TenantGone:
            logger.info("gone before it was sealed", tenant_id=tenant_id)
        except Exception as error:  # noqa: BLE001 (it is raised with the others)
            self._failures.append(error)
        return sealed

    def _anchor(self, works: Works, tenant_id: TenantId, anchored: int) -> None:
        """No transaction is open while the bucket is written to."""
        while chain := works.one(hashes(anchored, IN_AN_ANCHOR)):
            self.anchors.put(_written(tenant_id, chain))
            anchored = chain[-1][0]
            works.do(mark_anchored(anchored))


def _seal(works: Works) -> Sealed | None:
    with works.transaction() as unit:
        answer = unit.put(seal(BATCH))
    return answer.value


def _written(tenant_id: UUID, chain: Sequence[tuple[int, bytes]]) -> Anchor:
    digits = tuple(each.hex() for _, each in chain)
    return Anchor(
        tenant_id=tenant_id,
        first=chain[0][0],
        seq=chain[-1][0],
        hash=digits[-1],
        hashes=digits,
        anchored_at=clock.now(),
    )


def _age(tenants: Sequence[Due]) -> float:
    """Seconds that the oldest entry had waited when this call began."""
    oldest = min((each.oldest for each in tenants if each.oldest), default=None)
    return max(0.0, (clock.now() - moment_of(oldest)).total_seconds()) if oldest else 0.0
