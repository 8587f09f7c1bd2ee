"""The CDK CLI, locked by hash in `requirements/cdk`, on the Node of a wheel.

.venv/bin/python -m infra.cdk_cli diff --app cdk.out
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.node import bundled_node
from infra.npm import installed

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ROOT / "requirements" / "cdk"
INSTALLED = ROOT / ".freehold" / "cdk"


def cdk(*arguments: str) -> list[str]:
    """The command line of the CLI, which is installed where it is missing or another version is locked."""
    modules = installed(LOCKED, INSTALLED)
    return [str(bundled_node()), str(modules / "aws-cdk" / "bin" / "cdk"), *arguments]


if __name__ == "__main__":

    def main(arguments: Sequence[str]) -> int:
        """Pass everything on."""
        return subprocess.run(cdk(*arguments), check=False, cwd=ROOT).returncode

    sys.exit(main(sys.argv[1:]))
