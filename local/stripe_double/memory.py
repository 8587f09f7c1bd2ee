"""What the double keeps over a restart: its objects, its events, and how far its clock has come.

It forgets idempotency keys and events that are on their way.
"""

import pickle
from pathlib import Path

from local.errors import LocalError
from local.stripe_double.engine import Double


class Memory:
    """One file of one double. It is the double's own, and as trusted as the code beside it."""

    def __init__(self, engine: Double, file: Path) -> None:
        self._engine = engine
        self._file = file
        self._written = 0

    def recall(self) -> None:
        """Know again what was written; nothing where there is no file. Raises LocalError for one that is broken."""
        if not self._file.exists():
            return
        try:
            kept = pickle.loads(self._file.read_bytes())  # noqa: S301 -- written here
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError):
            raise LocalError(f"{self._file} cannot be read any more; `make reset` begins anew.") from None
        world = self._engine.world
        with self._engine.lock:
            for obj in kept["objects"]:
                world.store.add(obj)
            for obj in kept["objects"]:
                world.note(obj)
            world.journal.events.extend(kept["events"])
            world.journal.by_id.update({event["id"]: event for event in kept["events"]})
            world.ahead, world.reached = kept["ahead"], kept["reached"]
            self._written = len(world.journal.events)

    def write(self) -> None:
        """Write all of it, where something has happened since."""
        world = self._engine.world
        with self._engine.lock:
            if len(world.journal.events) == self._written:
                return
            self._written = len(world.journal.events)
            kept = {
                "objects": list(world.store.objects.values()),
                "events": world.journal.events,
                "ahead": world.ahead,
                "reached": world.reached,
            }
            written = pickle.dumps(kept)
        beside = self._file.with_suffix(".new")
        beside.write_bytes(written)
        beside.replace(self._file)
