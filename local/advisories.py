"""Asks whether anything that is locked has a known vulnerability: PyPI's and npm's own advisories, by name and version.

make advisories                              every lock file; needs the network
python -m local.advisories --only runtime    some of them
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.node import bundled_node
from local import errors
from local.errors import LocalError
from local.project import ROOT, STATE

REQUIREMENTS = ROOT / "requirements"
PACKAGES = (REQUIREMENTS / "cdk", ROOT / "tests/conformance/openfeature")
"""Folders with a `package-lock.json`."""
_TOOL = STATE / "advisories"


def main() -> None:
    """Print what is known, and fail."""
    only = _parser().parse_args().only
    wanted = {name: command for name, command in commands() if not only or name in only}
    if unknown := set(only or ()) - wanted.keys():
        raise LocalError(f"Nothing is locked as {', '.join(sorted(unknown))}: choose of {', '.join(dict(commands()))}.")
    _install()
    if bad := [name for name, command in wanted.items() if not _is_clean(name, command)]:
        raise LocalError(f"Known vulnerabilities, or no answer, for {', '.join(bad)}: the lines above say which.")
    print(f"No known vulnerability in {', '.join(wanted)}.")


def commands() -> Iterator[tuple[str, Sequence[str | Path]]]:
    """By the name of what is locked, how it is asked for. Nothing is installed for it."""
    for file in sorted(REQUIREMENTS.glob("*.txt")):
        by_hash = ("--strict", "--require-hashes", "--disable-pip", "--progress-spinner", "off")
        yield file.stem, (_TOOL / "bin/pip-audit", *by_hash, "--requirement", file)
    node = bundled_node()
    npm = node.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    for folder in PACKAGES:
        yield folder.name, (node, npm, "--prefix", folder, "audit", "--package-lock-only")


def _install() -> None:
    """An environment of its own: what it needs has nothing to do with the product."""
    uv, python = Path(sys.executable).with_name("uv"), _TOOL / "bin/python"
    if not python.exists():
        _run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, _TOOL])
    _run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, REQUIREMENTS / "advisories.txt"])


def _run(command: Sequence[str | Path]) -> None:
    if subprocess.run(command, check=False, cwd=ROOT).returncode:
        raise LocalError("pip-audit could not be installed: check the network and the package index, then try again.")


def _is_clean(name: str, command: Sequence[str | Path]) -> bool:
    print(f"{name}:", flush=True)
    return subprocess.run(command, check=False, cwd=ROOT).returncode == 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.advisories", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="a lock file without its .txt, or a folder of npm's")
    return parser


if __name__ == "__main__":
    errors.run(main)
