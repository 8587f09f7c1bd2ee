"""Ends the work, and says so, when Lambda is about to end it in silence."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TO_ANSWER = 30.0  # seconds
BITE_EVERY = 2.0  # seconds


@contextmanager
def watched(context: Any, give_up: Callable[[str], None]) -> Iterator[None]:  # noqa: ANN401 (Lambda's)
    """`give_up` hears the reason; then the block is interrupted. Whatever it has begun by then, it ends."""
    left = context.get_remaining_time_in_millis() / 1000 - TO_ANSWER
    over, main = threading.Event(), threading.main_thread().ident
    whom = main if threading.get_ident() == main else None
    if whom:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever began this process may have it ignored
    watchdog = threading.Timer(left, _bite, [give_up, left, over, whom])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        over.set()
        watchdog.cancel()
        watchdog.join()


def _bite(give_up: Callable[[str], None], after: float, over: threading.Event, whom: int | None) -> None:
    """Interrupted, psycopg cancels what it waits for, and the step at work is rolled back.

    An interrupt can be lost, where it falls into what Python ignores errors of; so it is not the only one.
    """
    try:
        give_up(f"not done after {after:.0f} s; what was committed is remembered. Run it again")
    finally:
        while whom and not over.is_set():
            signal.pthread_kill(whom, signal.SIGINT)
            over.wait(BITE_EVERY)
