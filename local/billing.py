"""What operators do about money: one word for each.

freehold billing push --help  each has a --help
"""

import importlib
import sys
from collections.abc import Mapping

from local import errors

VERBS: Mapping[str, tuple[str, str]] = {
    "push": ("local.billing_push", "Make Stripe agree with plans.toml: first shown, then with --yes done"),
    "reconcile": ("local.billing_reconcile", "Compare what Stripe holds with our copy, and mend what differs"),
}
"""By its word: the module that runs it, and what it does."""


def main() -> None:
    """Run the one that was named."""
    word, *rest = sys.argv[1:] or ["--help"]
    if word in {"--help", "-h", "help"}:
        print(_help())
        return
    if word not in VERBS:
        sys.stderr.write(
            f"error: there is no `freehold billing {word}`; `freehold billing --help` lists what there is.\n"
        )
        sys.exit(2)
    module, _ = VERBS[word]
    sys.argv = [f"freehold billing {word}", *rest]
    importlib.import_module(module).main()


def _help() -> str:
    lines = [f"  {word:<12}{sentence}" for word, (_, sentence) in VERBS.items()]
    return "\n".join([f"usage: freehold billing {{{','.join(VERBS)}}}\n", str(__doc__), *lines])


if __name__ == "__main__":
    errors.run(main)
