"""Compares what was recorded, what Stripe was told, and what it counts, in the running `make dev`."""

import argparse
import json
import sys
from collections.abc import Sequence

import psycopg
from psycopg.conninfo import make_conninfo

from freehold.billing.gateway import Stripe, StripeBusy
from freehold.database import Database
from freehold.usage.checking import Checked, check
from freehold.usage.comparison import doubts
from freehold.usage.metering import StripeMeters
from local import errors, instance
from local.billing_reconcile import keys
from local.errors import LocalError
from product.plans import PLANS

_EXAMPLES = """examples:
  freehold usage check            every meter of every tenant that Stripe knows
  freehold usage check --json

exit code: 0 all of it agrees, 1 something does not, 2 not understood"""


def main() -> None:
    """0 when all of it agrees, else 1."""
    options = _parse(sys.argv[1:])
    running = instance.require()
    where, meters = running.database, StripeMeters(Stripe(keys(running.stripe)))
    system, worker = (Database(make_conninfo(where, user=f"freehold_{role}")) for role in ("system", "worker"))
    try:
        checked = list(check(system, worker, lambda works: doubts(works, meters, PLANS)))
    except psycopg.Error as error:
        raise LocalError(f"The database does not answer: {str(error).strip()}") from error
    except StripeBusy as error:
        raise LocalError(f"Stripe could not be read: {error}") from error
    finally:
        system.close()
        worker.close()
    sys.exit(show(checked, as_json=options.json))


def show(checked: Sequence[Checked], *, as_json: bool) -> int:
    """Print them; the exit code."""
    wrong = sum(bool(each.problems) for each in checked)
    if as_json:
        print(json.dumps([_plain(each) for each in checked], indent=2))
    else:
        print("\n".join(_sentence(each) for each in checked))
        print(f"usage: {len(checked)} meters checked, {wrong} wrong", flush=True)
    return int(wrong > 0)


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="freehold usage",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="check", required=True)
    check_ = verbs.add_parser("check", help="compare the sums; nothing is changed")
    check_.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    return parser.parse_args(words)


def _sentence(checked: Checked) -> str:
    total = checked.total
    if checked.problems:
        return f"  {checked.tenant_id}  {total.meter}: {' '.join(checked.problems)}"
    return (
        f"  {checked.tenant_id}  {total.meter}: {total.recorded} recorded, {total.reported} reported,"
        f" {checked.unreported + total.sending} not yet, {total.free} free"
    )


def _plain(checked: Checked) -> dict[str, object]:
    return {
        "tenant_id": str(checked.tenant_id),
        **checked.total.model_dump(),
        "unreported": checked.unreported,
        "problems": checked.problems,
    }


if __name__ == "__main__":
    errors.run(main)
