"""What a process knows to decide by: the snapshot of the stage, and the facts of those who have asked it lately.

Nothing in here is believed: each request that is decided by it has the door confirm the versions in its own round trip.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from freehold.database import Database
from freehold.decisions import queries
from freehold.decisions.snapshot import Snapshot, compile_snapshot
from freehold.entitlements.facts import Facts, Who
from freehold.ids import TenantId

MOST_CALLERS: Final = 10_000
MOST_EXPOSURES: Final = 50_000

type Caller = tuple[TenantId, bytes | tuple[str, str]]
"""Whoever asks, in their tenant: the hash of a key or token, or issuer and subject."""
type Exposure = tuple[TenantId, str, str, str]
"""Tenant, flag, unit and variant."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was told of one caller and their tenant."""

    facts: Facts
    who: Who


class Book:
    """Whoever was heard of longest ago goes first, where it is full."""

    def __init__(self, most: int = MOST_CALLERS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[Caller, Known] = OrderedDict()
        self._exposed: OrderedDict[Exposure, None] = OrderedDict()
        self._snapshot: Snapshot | None = None

    def known(self, caller: Caller) -> Known | None:
        """What was told of them last; None where nothing was, or it was forgotten."""
        with self._lock:
            if (known := self._known.get(caller)) is not None:
                self._known.move_to_end(caller)
            return known

    def learn(self, caller: Caller, facts: Mapping[str, Any]) -> None:
        """Keep what the door has told."""
        known = Known(Facts.read(facts), Who.read(facts))
        with self._lock:
            self._known[caller] = known
            self._known.move_to_end(caller)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def snapshot(self, db: Database, version: int) -> Snapshot:
        """The one of this version, or a newer one: then the door will say so. One round trip for one that is new."""
        if (known := self._snapshot) is not None and known.version == version:
            return known
        self._snapshot = current = compile_snapshot(*db.outside(queries.definitions()))
        return current

    def forget(self) -> None:
        """All of it, as a process that has just begun."""
        with self._lock:
            self._known.clear()
            self._exposed.clear()
            self._snapshot = None

    def is_noted(self, exposure: Exposure) -> bool:
        """Whether this process has noted it before."""
        with self._lock:
            return exposure in self._exposed

    def note(self, exposure: Exposure) -> None:
        """It is written down now."""
        with self._lock:
            self._exposed[exposure] = None
            if len(self._exposed) > MOST_EXPOSURES:
                self._exposed.popitem(last=False)


book: Final = Book()
"""Of this process."""
