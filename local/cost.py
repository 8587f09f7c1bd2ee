"""Prices a stage by line: what its synthesized template costs a month, and what its use adds. Needs no AWS account.

List prices, from a dated file (infra/cost/prices.toml); nothing that is free is subtracted unless --free-tier is said.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from infra.cost.comparison import Comparison, compare, read_earlier
from infra.cost.estimate import estimate
from infra.cost.lines import Estimate
from infra.cost.prices import REGION, read_prices
from infra.cost.table import text
from infra.cost.template import Templates
from infra.cost.usage import USUAL, Usage
from infra.errors import SynthesisError
from infra.stage import STAGES, Stage
from infra.templates import templates_of
from local import errors
from local.errors import LocalError
from local.project import ROOT

_EXAMPLES = """examples:
  freehold cost --stage launch
  freehold cost --stage growth --tenants 400 --requests 20000      requests of each tenant, a month
  freehold cost --stage launch --json > before.json
  freehold cost --stage launch --compare before.json --most-added 25

exit code: 0 estimated, 1 refused, or more was added than --most-added, 2 not understood
More: docs/cost.md"""

_MOST = 10**12
"""Tenants, or requests of each."""


def main() -> None:
    """0 where it was estimated, and adds no more than it may."""
    options = parse(sys.argv[1:])
    try:
        sys.exit(run(options))
    except SynthesisError as error:
        raise LocalError(str(error)) from error


def run(options: argparse.Namespace, templates: Callable[[Stage, Path], Templates] = templates_of) -> int:
    """The exit code."""
    prices = read_prices(options.region)
    if warning := prices.warning(datetime.now(UTC).date()):
        print(f"warning: {warning}", file=sys.stderr)
    stage, usual = STAGES[options.stage], USUAL[options.stage]
    usage = Usage(
        tenants=usual.tenants if options.tenants is None else options.tenants,
        requests=usual.requests if options.requests is None else options.requests,
    )
    estimated = estimate(templates(stage, ROOT), stage, usage, prices, free_tier=options.free_tier)
    change = compare(read_earlier(options.compare, estimated), estimated) if options.compare else None
    print(json.dumps(_as_dict(estimated, change), indent=2) if options.json else _text(estimated, change))
    if change and change.added > options.most_added:
        print(
            f"error: {change.added:,.2f} more a month than before, and at most {options.most_added:,.2f} may be added:"
            " say so with --most-added, or look at the first line.",
            file=sys.stderr,
        )
        return 1
    return 0


def _as_dict(estimated: Estimate, change: Comparison | None) -> dict[str, object]:
    return estimated.as_dict() | ({"compared": change.as_dict()} if change else {})


def _text(estimated: Estimate, change: Comparison | None) -> str:
    return text(estimated) + (f"\n\nAgainst before:\n{change.text()}" if change else "")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises SystemExit with 2 for what is not understood."""
    parser = argparse.ArgumentParser(
        prog="freehold cost",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    usual = ", ".join(f"{name} {each.tenants:,} of {each.requests:,}" for name, each in USUAL.items())
    parser.add_argument("--stage", choices=STAGES, default="launch", help="of infra/stage.py (launch)")
    parser.add_argument("--tenants", type=_count, help=f"how many ({usual})")
    parser.add_argument("--requests", type=_count, help="of each tenant, a month")
    parser.add_argument("--region", default=REGION, help=f"whose prices ({REGION})")
    parser.add_argument("--free-tier", action="store_true", help="subtract what AWS gives each account every month")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="say what differs from an earlier --json")
    parser.add_argument(
        "--most-added", type=_amount, default=25.0, help="with --compare: fail above so many dollars a month (25)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    return parser.parse_args(words)


def _count(word: str) -> int:
    try:
        number = int(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number.") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{word} is below 0.")
    if number > _MOST:
        raise argparse.ArgumentTypeError(f"{word} is more than anybody has: {_MOST:,} at most.")
    return number


def _amount(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is no amount.") from None
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{word!r} is no amount.")
    return number


if __name__ == "__main__":
    errors.run(main)
