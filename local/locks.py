"""A lock that the kernel releases when its last holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path


class Lock:
    """An advisory lock on a file. Children that inherit the descriptor hold it too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """For the children that shall hold the lock as well."""
        if self._descriptor is None:
            raise ValueError("this lock is not held")
        return self._descriptor

    def acquire(self, *, patience_seconds: float = 0) -> bool:
        """Whether it is ours now; waits so long for an earlier holder that is just ending."""
        descriptor, deadline = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), time.monotonic() + patience_seconds
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                os.close(descriptor)
                return False
            time.sleep(0.05)
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give up our hold; inherited ones remain."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
