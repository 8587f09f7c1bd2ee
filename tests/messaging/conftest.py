"""Fixtures of what passes work on: the relay's own database role, and a bus that keeps what it was given."""

import io
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest

from freehold.database import Database
from freehold.database.login import conninfo
from freehold.messaging.bus import Announced
from freehold.observability import logger


@dataclass
class KeptBus:
    """A double of the bus that takes what it is given, in order; what it does not take is said beforehand."""

    refuses: set[UUID] = field(default_factory=set)
    down: bool = False
    events: list[Announced] = field(default_factory=list)

    def publish(self, events: Sequence[Announced]) -> set[UUID]:
        if self.down:
            raise ConnectionError("the bus is down")
        refused = self.refuses & {event.id for event in events}
        self.events += [event for event in events if event.id not in refused]
        return refused

    def of(self, tenant_id: UUID) -> list[Announced]:
        return [event for event in self.events if event.tenant_id == tenant_id]


@pytest.fixture
def bus() -> KeptBus:
    return KeptBus()


@pytest.fixture
def system(stage: None, superuser: str) -> Iterator[Database]:
    """The relay's way in, with nobody's turn and nothing waiting from tests before."""
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.turns")
        connection.execute("update app.outbox set published_at = now() where published_at is null")
    system = Database(conninfo("freehold_system"))
    yield system
    system.close()


@pytest.fixture
def lines(stage: None) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the log says from here on."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)
