"""Which addresses the children of this process listen on, as the Linux kernel tells it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_LISTEN = "0A"
PROC = Path("/proc")


def of_children() -> set[str]:
    """Every listening address of a descendant, in hexadecimal as /proc/net has it."""
    inodes = {inode for pid in _descendants(os.getpid()) for inode in _sockets(pid)}
    rows = (line.split() for name in ("tcp", "tcp6") for line in (PROC / "net" / name).read_text().splitlines()[1:])
    return {row[1].partition(":")[0] for row in rows if row[3] == _LISTEN and row[9] in inodes}


def _descendants(root: int) -> Iterator[int]:
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == root:
            yield int(stat.parent.name)
            yield from _descendants(int(stat.parent.name))


def _sockets(pid: int) -> Iterator[str]:
    for descriptor in (PROC / str(pid) / "fd").glob("*"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                yield target.removeprefix("socket:[").removesuffix("]")
