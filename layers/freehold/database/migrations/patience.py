"""How long a migration waits for a lock, and how often it tries.

Whoever waits for a lock makes everybody behind wait as well, readers included: so each wait is short, and the pauses
between them, in which everybody else gets on, are what grows.
"""

import random
import time

LOCK_TIMEOUT = "500ms"
"""The longest that somebody behind a waiting migration waits with it."""
QUIET_LOCK_TIMEOUT = "300s"
"""For a concurrent index: it waits for old transactions, and nobody who reads or writes waits behind it."""
LONGEST = 75.0
"""Seconds in all for one step, from its first try."""
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.25, 5.0, 1.5


class Patience:
    """For one step."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._pause = FIRST_PAUSE
        self.tries = 1

    @property
    def waited(self) -> float:
        """Seconds since the first try."""
        return time.monotonic() - self._begin

    def pause(self) -> bool:
        """Wait before the next try; False when there shall be none."""
        if self.waited >= LONGEST:
            return False
        time.sleep(self._pause * random.uniform(0.5, 1.5))  # noqa: S311 (so that two do not meet again, no secret)
        self._pause = min(self._pause * GROWTH, LONGEST_PAUSE)
        self.tries += 1
        return True
