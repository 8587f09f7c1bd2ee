"""When API keys were last let in: each is noted behind the COMMIT of what it did, every five minutes at most."""

import time
from collections.abc import Callable

from freehold.callers import Caller, KeyCaller, Working
from freehold.database.statement import Statement, done
from freehold.ids import TenantId

TOUCH = "select app.touch_key(%(tenant_id)s, %(secret_hash)s)"
BETWEEN_NOTES = 300  # seconds
MOST_KEYS = 10_000


class Uses:
    """Which keys this process has noted, and when; the database sees to it for all processes together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted: dict[tuple[TenantId, bytes], float] = {}

    def due(self, caller: Caller | Working | None) -> Statement[None] | None:
        """The statement that notes this use; None for whoever is no key, or was noted a moment ago."""
        if not isinstance(caller, KeyCaller):
            return None
        noted = self._noted.get((caller.tenant_id, caller.secret_hash))
        if noted is not None and self._clock() - noted < BETWEEN_NOTES:
            return None
        return done(TOUCH, secret_hash=caller.secret_hash)

    def sent(self, caller: Caller | Working | None) -> None:
        """It was sent. Whether it was carried out does not matter: what fails is not tried with each request."""
        if isinstance(caller, KeyCaller):
            if len(self._noted) >= MOST_KEYS:
                self._noted.clear()
            self._noted[caller.tenant_id, caller.secret_hash] = self._clock()
