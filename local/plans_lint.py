"""Refuses a plan catalog that cannot be used: every mistake, with its line."""

from freehold.billing.plans_file import PlansInvalid, load
from local import errors
from local.errors import LocalError
from local.project import ROOT

FILE = ROOT / "layers" / "product" / "plans.toml"


def main() -> None:
    """Raises LocalError with all of its sentences."""
    try:
        load(FILE)
    except PlansInvalid as error:
        said = "\n".join(f"  {sentence}" for sentence in error.sentences)
        raise LocalError(f"{FILE.relative_to(ROOT)} is not a plan catalog:\n{said}") from None


if __name__ == "__main__":
    errors.run(main)
