"""Makes Stripe agree with the plan catalog. Without --yes it shows what it would do, and changes nothing.

The key is STRIPE_SECRET_KEY; without one, it is the double of Stripe in the running `make dev`. Nothing is
changed under a subscriber: a new amount is a new price, and nothing is deleted. What others made is left alone.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence

from freehold.billing.plans import Catalog
from freehold.billing.plans_file import load
from local import errors, instance
from local.billing_changes import Change
from local.billing_difference import difference
from local.billing_price_changes import currencies_left
from local.billing_shop import Shop
from local.errors import LocalError
from local.plans_lint import FILE, lint
from local.stripe_double.service import SECRET_KEY

_EXAMPLES = """examples:
  freehold billing push                          what Stripe lacks
  freehold billing push --yes                    and make it so
  STRIPE_SECRET_KEY=sk_live_… freehold billing push --live --yes

exit code: 0 shown or done, 1 refused or failed, 2 not understood
A push that was interrupted is completed by the next one. docs/billing.md"""


def main() -> None:
    """0 when Stripe agrees in the end, or when all was shown."""
    options = parse(sys.argv[1:])
    lint(FILE)
    sys.exit(run(account(options), options, load(FILE)))


def account(options: argparse.Namespace) -> Shop:
    """Whose key it is. Raises LocalError where there is none, or where it is of the other mode than was said."""
    found = _named(os.environ.get("STRIPE_SECRET_KEY", ""))
    if found.live and not options.live:
        raise LocalError("This key is live: what is pushed with it is sold to customers. Say --live if that is meant.")
    if options.live and not found.live:
        raise LocalError("This key is not live, and --live was said.")
    return found


def _named(key: str) -> Shop:
    if key:
        return Shop(key)
    running = instance.find()
    if running is None or not running.stripe:
        raise LocalError("There is no key: set STRIPE_SECRET_KEY, or start `make dev`, which has a double of Stripe.")
    return Shop(SECRET_KEY, api=running.stripe)


def run(account: Shop, options: argparse.Namespace, catalog: Catalog) -> int:
    """Show it, or do it; the exit code. Raises LocalError."""
    held = account.read()
    changes = difference(catalog, held)
    for before in currencies_left(catalog, held):
        print(_other_currency(before, catalog.currency), file=sys.stderr)
    if not options.json:
        print("\n".join(_line(change) for change in changes))
    wanted = [change for change in changes if change.writes]
    done = push(account, wanted, quiet=options.json) if options.yes else 0
    if options.json:
        print(json.dumps({"done": done, "changes": [_plain(change) for change in changes]}, indent=2))
    else:
        print(_summary(wanted, done), flush=True)
    return 0


def push(account: Shop, changes: Sequence[Change], *, quiet: bool = False) -> int:
    """Do them one after the other; how many. Raises LocalError at the first that fails."""
    for done, change in enumerate(changes):
        try:
            account.apply(change)
        except LocalError as error:
            raise LocalError(f"{error}\n{done} of {len(changes)} were done; push again for the rest.") from error
        if not quiet:
            print(f"  done {done + 1}/{len(changes)}  {change.thing} {change.name}", flush=True)
    return len(changes)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises SystemExit with 2 for what is not understood."""
    parser = argparse.ArgumentParser(
        prog="freehold billing push",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--yes", action="store_true", help="do it")
    parser.add_argument("--live", action="store_true", help="the key is a live one, and that is meant")
    parser.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    return parser.parse_args(words)


def _other_currency(before: str, after: str) -> str:
    keeps = f"Who pays in {before} keeps those prices, and can change to nothing that is sold in {after}"
    return f"warning: {before} becomes {after}. {keeps}: Stripe does not mix the currencies of one customer."


def _line(change: Change) -> str:
    verb = "nothing to do" if change.verb == "keep" else change.verb
    return f"  {verb:<14}{change.thing:<9}{change.name:<34}{change.says}"


def _summary(wanted: Sequence[Change], done: int) -> str:
    if not wanted:
        return "billing push: nothing to do, Stripe agrees"
    if done:
        return f"billing push: {done} done, Stripe agrees"
    return f"billing push: {len(wanted)} to do; nothing was changed, --yes does it"


def _plain(change: Change) -> dict[str, str]:
    return {key: getattr(change, key) for key in ("verb", "thing", "name", "says", "target")}


if __name__ == "__main__":
    errors.run(main)
