"""Ends the work, and says so, when Lambda is about to end it in silence."""

import _thread
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TO_ANSWER = 30.0  # seconds


@contextmanager
def watched(context: Any, give_up: Callable[[str], None]) -> Iterator[None]:  # noqa: ANN401 (Lambda's)
    """`give_up` hears the reason; then the block is interrupted."""
    left = context.get_remaining_time_in_millis() / 1000 - TO_ANSWER
    watchdog = threading.Timer(left, _bite, [give_up, left, threading.current_thread()])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _bite(give_up: Callable[[str], None], after: float, worker: threading.Thread) -> None:
    """Interrupted, psycopg cancels what it waits for, and the migration at work is rolled back."""
    give_up(f"not done after {after:.0f} s; the step at work was rolled back, and what was done is remembered")
    if worker is threading.main_thread():
        _thread.interrupt_main()
