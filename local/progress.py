"""One line for each step, with the seconds it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints steps as they finish; quiet when nobody watches."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.seconds: dict[str, float] = {}
        self._quiet = quiet

    @contextmanager
    def step(self, name: str, *, since: float | None = None) -> Iterator[None]:
        """Time one step; `since` is an earlier `time.monotonic()` where it began in the background."""
        begin = time.monotonic() if since is None else since
        yield
        self.seconds[name] = time.monotonic() - begin
        if not self._quiet:
            print(f"  {name:<44}{self.seconds[name]:6.1f} s", flush=True)
