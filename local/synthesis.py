"""The synthesized stacks: `app.py` in the background, which does nothing where nothing that it reads has changed."""

import json
import sys
from pathlib import Path
from typing import Literal

from local.errors import LocalError
from local.processes import Child
from local.project import ROOT, STATE

type Mode = Literal["working-tree", "zips"]

_REPLACED = ("network", "cell", "edge")
"""Stacks whose place is taken by loopback and PostgreSQL; the others find their parameters as on AWS. No edge stands
before loopback: the emulator's CloudFront has no firewall, and shows no certificate."""
_CODE = {"working-tree": "placeholder", "zips": "packaged"}


class Synthesis:
    """One run of `app.py`, for this machine's processor."""

    def __init__(self, stage: str, *, mode: Mode, root: Path = ROOT, folder: Path = STATE / "synthesis") -> None:
        self.out = folder / f"{stage}-{mode}"
        self._command = [
            *(sys.executable, str(root / "app.py"), "--if-changed"),
            *("--stage", stage, "--architecture", "host", "--code", _CODE[mode], "--out", str(self.out)),
        ]
        self._root, self._stage = root, stage
        self._log = folder / f"{stage}-{mode}.log"
        self._child: Child | None = None

    def start(self) -> None:
        """Begin."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._child = Child(self._command, output=log.fileno(), folder=self._root)

    def wait(self) -> None:
        """Until it is done. Raises LocalError with what it printed when it failed."""
        if self._child and self._child.wait():
            raise LocalError(f"The stacks do not synthesize:\n{self._log.read_text(errors='replace').rstrip()}")

    def stop(self) -> None:
        """End it, where it is still running."""
        if self._child:
            self._child.end()

    def stacks(self) -> list[str]:
        """The names of the stacks that deploy on a laptop, each after those that it needs."""
        artifacts = json.loads((self.out / "manifest.json").read_text())["artifacts"]
        stacks = [name for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"]
        return [stack for stack in stacks if deploys(stack, self._stage)]


def deploys(stack: str, stage: str) -> bool:
    """Whether a stack does on a laptop, which has one cell, the pool."""
    kind, _, of = stack.removeprefix(f"freehold-{stage}-").partition("-")
    return kind not in _REPLACED and not of
