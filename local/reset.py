"""`make reset`: forget all local data. The next `make dev` starts with an empty database."""

import argparse
import shutil
from pathlib import Path

from local import errors
from local.instance import only_one
from local.postgres import discard
from local.project import DEV


def reset(folder: Path = DEV) -> None:
    """Refuses while it is in use."""
    with only_one(folder, otherwise="`make dev` is running on this data; end it with Ctrl-C, then reset."):
        discard(folder / "postgres")
        if folder.exists():
            shutil.rmtree(folder)


def main() -> None:
    """Reset, and say so."""
    argparse.ArgumentParser(prog="freehold reset", description=__doc__).parse_args()
    reset()
    print("Local data is gone; `make dev` starts afresh.")


if __name__ == "__main__":
    errors.run(main)
