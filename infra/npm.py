"""JavaScript packages that are locked by hash, by the npm of the wheel's Node: nobody has to install either."""

import shutil
import subprocess
from pathlib import Path

from infra.errors import SynthesisError
from infra.node import bundled_node

_FLAGS = ("--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--loglevel=error")
_NETWORK = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000")


def installed(locked: Path, into: Path) -> Path:
    """Where its `node_modules` are; they are fetched where they are missing or others are locked now.

    Raises SynthesisError where they cannot be fetched.
    """
    if not _is_installed(locked, into):
        _install(locked, into)
    return into / "node_modules"


def _is_installed(locked: Path, into: Path) -> bool:
    """What was installed says from which lock; it is copied last."""
    copy = into / "locked.json"
    return copy.is_file() and copy.read_bytes() == (locked / "package-lock.json").read_bytes()


def _install(locked: Path, into: Path) -> None:
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(locked / name, into)
    node = bundled_node()
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node), str(npm), "ci", *_FLAGS, *_NETWORK]
    finished = subprocess.run(command, cwd=into, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SynthesisError(
            f"What {locked.name} locks could not be installed; this needs the network once:\n{finished.stderr}"
        )
    shutil.copy(locked / "package-lock.json", into / "locked.json")
