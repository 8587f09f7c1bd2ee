"""Where what nobody will miss lies: in memory, where the system has a folder for it that has room.

PostgreSQL copies a database file by file, and a file system on disk may take twenty times as long for each.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import unprivileged_account

MEMORY = Path("/dev/shm")  # noqa: S108 -- each folder in it is ours alone
ROOM = 2 * 2**30  # bytes


@contextmanager
def scratch(*, in_memory: bool = True) -> Iterator[Path]:
    """A folder that goes with all that is in it. Root's PostgreSQL, which is somebody else, may pass through it."""
    place = MEMORY if in_memory and _has_room(MEMORY, ROOM) else None
    with tempfile.TemporaryDirectory(prefix="freehold-", dir=place) as name:
        folder = Path(name)
        if unprivileged_account():
            folder.chmod(0o711)
        yield folder


def _has_room(folder: Path, room: int) -> bool:
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return False
    there = os.statvfs(folder)
    return there.f_bavail * there.f_frsize >= room
