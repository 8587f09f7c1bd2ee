"""The JavaScript clients, in a process of Node's that is told one line at a time what to do."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.node import bundled_node

CLIENT = Path(__file__).with_name("client.mjs")


class Javascript:
    """What is told by name and what is answered are in client.mjs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, does: str, name: str, **told: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"does": does, "name": name, **told}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"error": "Node has ended"}')
        assert "error" not in answer, answer["error"]
        return answer


@contextmanager
def javascript(packages: Path) -> Iterator[Javascript]:
    """A process with both clients."""
    with subprocess.Popen(
        [str(bundled_node()), str(beside(packages, CLIENT))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Javascript(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def beside(packages: Path, script: Path) -> Path:
    """A copy of the script where Node finds what it imports."""
    return Path(shutil.copy(script, packages))
