"""The CDK CLI, locked by hash in `requirements/cdk`, on the Node of a wheel.

.venv/bin/python -m infra.cdk_cli diff --app cdk.out
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.errors import SynthesisError
from infra.node import bundled_node

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ROOT / "requirements" / "cdk"
INSTALLED = ROOT / ".freehold" / "cdk"
_FLAGS = ("--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--loglevel=error")


def cdk(*arguments: str) -> list[str]:
    """The command line of the CLI, which is installed where it is missing or another version is locked."""
    if not _is_installed():
        _install()
    return [str(bundled_node()), str(INSTALLED / "node_modules" / "aws-cdk" / "bin" / "cdk"), *arguments]


def _is_installed() -> bool:
    """What was installed says from which lock; it is copied last."""
    copy = INSTALLED / "locked.json"
    return copy.is_file() and copy.read_bytes() == (LOCKED / "package-lock.json").read_bytes()


def _install() -> None:
    shutil.rmtree(INSTALLED, ignore_errors=True)
    shutil.copytree(LOCKED, INSTALLED)
    npm = bundled_node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(bundled_node()), str(npm), "ci", *_FLAGS]
    finished = subprocess.run(command, cwd=INSTALLED, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SynthesisError(f"The CDK CLI could not be installed; this needs the network once:\n{finished.stderr}")
    shutil.copy(LOCKED / "package-lock.json", INSTALLED / "locked.json")


if __name__ == "__main__":

    def main(arguments: Sequence[str]) -> int:
        """Pass everything on."""
        return subprocess.run(cdk(*arguments), check=False, cwd=ROOT).returncode

    sys.exit(main(sys.argv[1:]))
