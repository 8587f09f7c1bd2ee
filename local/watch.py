"""Shows how far a measurement is: a bar on a terminal, one line for each step elsewhere."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

WIDTH = 24


class Watch:
    """Talks on standard error, so that standard output is the results'."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._name = ""
        self._begin = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One line, with the seconds that it took."""
        self._name, self._begin = name, time.monotonic()
        self.at(0, 1)
        try:
            yield
        finally:
            self._line(f"  {name:<44}{time.monotonic() - self._begin:6.1f} s\n")

    def at(self, done: int, of: int) -> None:
        """So much of the current step is done."""
        if self._terminal:
            filled = round(WIDTH * min(done, of) / of)
            self._line(f"  {self._name:<44}{'█' * filled}{'░' * (WIDTH - filled)}")

    def each[T](self, things: Sequence[T]) -> Iterator[T]:
        """Each thing, with the bar behind it."""
        for number, thing in enumerate(things):
            self.at(number, len(things))
            yield thing

    def _line(self, text: str) -> None:
        start = "\r\x1b[2K" if self._terminal else ""
        sys.stderr.write(start + text)
        sys.stderr.flush()
