"""What the double does by itself while it serves: lets time pass, delivers what is due, writes down what it knows."""

import sys
import threading
import traceback
from collections.abc import Callable
from typing import Self

PAUSE_SECONDS = 0.1


class Rounds:
    """Does each duty ten times a second, from a thread of this process, from entry to exit."""

    def __init__(self, *duties: Callable[[], object]) -> None:
        self._duties = duties
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._walk, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Does not wait for a duty that takes long, as one is whose endpoint does not answer."""
        self._stopping.set()
        self._thread.join(timeout=2)

    def _walk(self) -> None:
        while not self._stopping.wait(PAUSE_SECONDS):
            for duty in self._duties:
                _do(duty)


def _do(duty: Callable[[], object]) -> None:
    """A mistake of one is said, and keeps neither it nor the others from the next round."""
    try:
        duty()
    except Exception:  # noqa: BLE001 -- whatever it is
        sys.stderr.write(traceback.format_exc())
