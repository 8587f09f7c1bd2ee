"""How long a migration waits for a lock, and how often it tries.

Whoever waits for a lock makes everybody behind wait as well, readers included: so each wait is short, and the pauses
between them, in which everybody else gets on, are what grows.
"""

import random
import time

LOCK_TIMEOUT = 0.5  # seconds
"""The longest that somebody behind a waiting migration waits with it."""
QUIET_LOCK_TIMEOUT = 300.0  # seconds
"""For a concurrent index: it waits for old transactions, and nobody who reads or writes waits behind it."""
LONGEST = 75.0
"""Seconds of waiting in all for one step; its work does not count."""
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.25, 5.0, 1.5


class Patience:
    """For one step, each try of which waits for a lock no longer than `lock_timeout` seconds."""

    def __init__(self, lock_timeout: float) -> None:
        self._begin = time.monotonic()
        self._pause = FIRST_PAUSE
        self._lock_timeout = lock_timeout
        self._waited = 0.0
        self.tries = 1

    @property
    def seconds(self) -> float:
        """Since the first try."""
        return time.monotonic() - self._begin

    def pause(self) -> bool:
        """Wait before the next try; False when there shall be none."""
        self._waited += self._lock_timeout
        if self._waited >= LONGEST:
            return False
        pause = self._pause * random.uniform(0.5, 1.5)  # noqa: S311 (so that two do not meet again, no secret)
        time.sleep(pause)
        self._waited += pause
        self._pause = min(self._pause * GROWTH, LONGEST_PAUSE)
        self.tries += 1
        return True
