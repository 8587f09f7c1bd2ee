"""Run the tests, in two processes side by side, each with its own database and its own share of the processors.

make test                                 all of them; the first half's lines come when both have ended
freehold test tests/jobs -k lease         those that are named, in one process, with what pytest takes
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import IO

from local import errors, processors
from local.project import ROOT

SLOW = (
    *("architecture", "benchmarks", "conformance", "database", "email", "functions", "http", "infra", "isolation"),
    *("messaging", "reports", "webhooks"),
)
"""Folders of the first half, which takes as long as the second. A folder that is new is in that one."""


def main() -> None:
    """Exit with 0 where all passed."""
    parser = argparse.ArgumentParser(
        prog="freehold test", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _, named = parser.parse_known_args()
    sys.exit(_pytest(named).wait() if named else _side_by_side())


def _side_by_side() -> int:
    """The second half is seen as it goes, the first one when both have ended."""
    started, folders = time.monotonic(), sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir())
    halves = [[name for name in folders if (name in SLOW) is slow and _has_tests(name)] for slow in (True, False)]
    with tempfile.TemporaryFile() as kept:
        first = _pytest([f"tests/{name}" for name in halves[0]], kept)
        second = _pytest([f"tests/{name}" for name in halves[1]])
        for number, half in enumerate((first, second)):
            processors.keep_together(number, of=2, process=half.pid)
        codes = [second.wait(), first.wait()]
        kept.seek(0)
        sys.stdout.write(kept.read().decode(errors="replace"))
    verdict = "not all passed" if any(codes) else "all passed"
    print(f"tests: {verdict}, in {time.monotonic() - started:.0f} s")
    return max(codes)


def _has_tests(folder: str) -> bool:
    return any((ROOT / "tests" / folder).rglob("test_*.py"))


def _pytest(arguments: Sequence[str], output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, stdout=output, stderr=output)


if __name__ == "__main__":
    errors.run(main)
