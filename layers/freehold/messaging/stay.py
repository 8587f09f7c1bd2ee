"""Turn after turn on its own clock: at once while there is work, slower without, slower still when it fails."""

import time
from collections.abc import Callable

from freehold.observability import logger

SHORTEST, LONGEST = 0.05, 0.4  # seconds between two looks; what is committed in between waits for the next one
AFTER_FAILURES = 5.0  # seconds


def stay(turn: Callable[[], int], *, until: float, latest: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Take turns. `turn` says how much it did; one that raises is tried again, and what it raised is logged.

    It ends once nothing is left to do, or all fails, at `until` or later, and begins no turn from `latest` on. Both are
    on the monotonic clock. Raises what the last turn raised, so that whoever waits for the end hears of it.
    """
    pause = 0.0
    worked: int | Exception = 0
    while time.monotonic() < latest:
        worked = _tried(turn)
        if isinstance(worked, int) and worked:
            pause = 0.0
        elif time.monotonic() >= until:
            break
        else:
            pause = min(max(pause * 2, SHORTEST), LONGEST if worked == 0 else AFTER_FAILURES)
            sleep(pause)
    if isinstance(worked, Exception):
        raise worked


def _tried(turn: Callable[[], int]) -> int | Exception:
    """What it did, or why it failed."""
    try:
        return turn()
    except Exception as error:  # noqa: BLE001 (whatever it is, the next turn may work)
        logger.exception("turn failed")
        return error
