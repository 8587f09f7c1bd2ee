"""A millisecond of distance on loopback: the proxy of `delay_proxy.c`, compiled on first use."""

import mmap
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.figures import Skipped
from local.ports import free_port
from local.processes import Child
from local.project import STATE

SOURCE = Path(__file__).with_suffix(".c")
ONE_WAY_MICROSECONDS = 500
_COUNTERS = struct.Struct("3Q")


@dataclass(frozen=True, slots=True)
class Distance:
    """A running proxy: connect to `port` instead."""

    port: int
    counters: mmap.mmap

    @property
    def round_trips(self) -> int:
        """So far, over all connections."""
        return int(_COUNTERS.unpack_from(self.counters)[0])


@contextmanager
def far_from(port: int) -> Iterator[Distance]:
    """A port that is one millisecond of round-trip time away from this one."""
    with tempfile.NamedTemporaryFile(prefix="freehold-") as file:
        file.write(bytes(_COUNTERS.size))
        file.flush()
        near = free_port()
        command: list[str | Path] = [program(), str(near), str(port), str(ONE_WAY_MICROSECONDS), file.name]
        child = Child(command, output=subprocess.PIPE)
        try:
            _wait_until_it_listens(child)
            with mmap.mmap(file.fileno(), _COUNTERS.size) as counters:
                yield Distance(near, counters)
        finally:
            child.end()
            child.output.close()


def program() -> Path:
    """The compiled proxy. Raises Skipped where there is no C compiler."""
    compiled = STATE / "bench" / f"delay_proxy-{sha256(SOURCE.read_bytes()).hexdigest()[:16]}"
    if not compiled.exists():
        if shutil.which("cc") is None:
            raise Skipped("it takes a C compiler, `cc`, to build the proxy that adds the distance")
        compiled.parent.mkdir(parents=True, exist_ok=True)
        partial = compiled.with_suffix(".partial")
        subprocess.run(["cc", "-O2", "-pthread", "-o", partial, SOURCE], check=True)  # noqa: S607
        partial.rename(compiled)
    return compiled


def _wait_until_it_listens(child: Child) -> None:
    if child.output.readline() != b"listening\n":
        raise Skipped("the proxy that adds the distance did not start")
