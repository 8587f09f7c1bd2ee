"""Passes on what was announced: from app.outbox to the bus, in one round trip to the database for each batch.

An event waits until its row says that it was published, so nothing is skipped, however late a transaction commits. What
was published and not yet marked when a relay ends is published again: consumers get each event at least once.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from freehold import clock
from freehold.database import Database, Statement
from freehold.ids import moment_of
from freehold.messaging.bus import Announced, Bus
from freehold.messaging.observed import published
from freehold.observability import logger
from freehold.settings import settings

BATCH = 4_000
HOLD = timedelta(seconds=10)
"""How long a relay that went silent keeps others from its turn."""
HOLDER = str(uuid4())
"""This process."""

TURN = (
    "select id::text, type, tenant_id::text, envelope from app.relay(%(holder)s, %(hold)s, %(published)s::uuid[],"
    " %(published_of)s::uuid[], %(refused)s::uuid[], %(refused_of)s::uuid[], %(batch)s)"
)
"""Ids come and go as text: nothing here computes with them, and a drain makes half a million of them a minute."""


class Relay:
    """What this process passes on, while it has the turn: several may run, and one does it."""

    def __init__(self, system: Database, bus: Bus, *, holder: str = HOLDER, batch: int = BATCH) -> None:
        """Take the database as freehold_system."""
        self._system, self._bus = system, bus
        self._holder, self._batch = holder, batch
        self._published: list[Announced] = []
        self._refused: list[Announced] = []

    def turn(self) -> int:
        """Mark the batch before, publish the next one; how many there were.

        Raises what the database or the bus raises; whatever is not marked by then waits for another turn.
        """
        taken = self._mark_and_take(hold=HOLD, batch=self._batch)
        began = time.time_ns()
        refused = self._bus.publish(taken) if taken else set()
        self._published = [event for event in taken if event.id not in refused]
        self._refused = [event for event in taken if event.id in refused]
        published(settings().bus, self._published, began)
        if taken:
            oldest = clock.now() - moment_of(UUID(min(event.id for event in taken)))
            logger.info(
                "published",  # the alarm on old events reads this line
                events=len(self._published),
                refused=len(self._refused),
                oldest_seconds=round(oldest.total_seconds(), 3),
            )
        return len(taken)

    def finish(self) -> None:
        """Mark the last batch, and let another have the turn at once."""
        self._mark_and_take(hold=timedelta(0), batch=0)

    def _mark_and_take(self, *, hold: timedelta, batch: int) -> list[Announced]:
        taken = self._system.outside(_turn(self._published, self._refused, holder=self._holder, hold=hold, batch=batch))
        self._published, self._refused = [], []
        return taken


def _turn(
    published: Sequence[Announced], refused: Sequence[Announced], *, holder: str, hold: timedelta, batch: int
) -> Statement[list[Announced]]:
    ids, tenants = _columns(published)
    refused_ids, refused_tenants = _columns(refused)
    params = {"holder": holder, "hold": hold, "batch": batch, "published": ids, "published_of": tenants}
    params |= {"refused": refused_ids, "refused_of": refused_tenants}
    return Statement(TURN, params, lambda result: [Announced._make(row) for row in result.fetchall()])


def _columns(events: Sequence[Announced]) -> tuple[str, str]:
    return _array(event.id for event in events), _array(event.tenant_id for event in events)


def _array(ids: Iterable[str]) -> str:
    return f"{{{','.join(ids)}}}"
