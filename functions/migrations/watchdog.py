"""Ends the work, and says so, when Lambda is about to end it in silence."""

import _thread
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TO_ANSWER = 30.0  # seconds


@contextmanager
def watched(context: Any, give_up: Callable[[str], None]) -> Iterator[None]:  # noqa: ANN401 (Lambda's)
    """`give_up` hears the reason; then the block is interrupted. Whatever it has begun by then, it ends."""
    left = context.get_remaining_time_in_millis() / 1000 - TO_ANSWER
    over = threading.Event()
    watchdog = threading.Timer(left, _bite, [give_up, left, threading.current_thread(), over])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        over.set()
        watchdog.cancel()
        watchdog.join()


def _bite(give_up: Callable[[str], None], after: float, worker: threading.Thread, over: threading.Event) -> None:
    """Interrupted, psycopg cancels what it waits for, and the step at work is rolled back."""
    try:
        give_up(f"not done after {after:.0f} s; what was committed is remembered. Run it again")
    finally:
        if worker is threading.main_thread() and not over.is_set():
            _thread.interrupt_main()
