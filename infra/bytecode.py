"""Bytecode that Lambda accepts as it is, and that is the same on every machine.

A zip forgets when its files were written, so bytecode validated by time never fits and every cold start compiles again:
2.3 to 2.5 times the import time. Bytecode marked "unchecked hash" is taken as it is.
"""

import subprocess
import sys
from pathlib import Path

from infra.errors import SynthesisError
from infra.target import PYTHON


def compile_tree(folder: Path, *, mounted_at: str) -> None:
    """Compile every module below the folder, with the path it will have in Lambda as its name in tracebacks.

    A process of its own, isolated and with a single worker: what else a process has loaded shows in the bytes.
    """
    require_python(sys.version_info[:2])
    mode = ("--invalidation-mode", "unchecked-hash")
    command = [sys.executable, "-I", "-S", "-m", "compileall", "-q", "-f", *mode, "-s", str(folder), "-p", mounted_at]
    finished = subprocess.run([*command, str(folder)], check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SynthesisError(f"Not every module compiles, correct it and try again:\n{finished.stdout.strip()}")


def require_python(version: tuple[int, int]) -> None:
    """Refuse a Python whose bytecode Lambda would throw away."""
    running = ".".join(map(str, version))
    if running != PYTHON:
        raise SynthesisError(
            f"Functions run on Python {PYTHON}, and only the same version compiles their bytecode; "
            f"this is Python {running}. Run `make setup`, then use .venv/bin/python."
        )
