"""Refuses a plan catalog that cannot be used: every mistake, with its line."""

from pathlib import Path

from freehold.billing.plans_file import PlansInvalid, load
from local import errors
from local.errors import LocalError
from local.project import ROOT

FILE = ROOT / "layers" / "product" / "plans.toml"


def main() -> None:
    """Of the product's catalog."""
    lint(FILE)


def lint(file: Path) -> None:
    """Raises LocalError with all of its sentences."""
    try:
        load(file)
    except PlansInvalid as error:
        said = "\n".join(f"  {sentence}" for sentence in error.sentences)
        raise LocalError(f"{file.name} is not a plan catalog:\n{said}") from None


if __name__ == "__main__":
    errors.run(main)
