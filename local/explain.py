"""Why something is as it is for a tenant: what was considered, what decided, what would change it.

Without --stage it is the running `make dev`. The tenant reads that somebody has looked, and why.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from infra.stage import STAGES
from local import errors, words
from local.operator_door import Asked, asked_at, said, tenant_named

_EXAMPLES = """examples:
  freehold explain acme sso                                 is it included, and if not, what would give it?
  freehold explain acme projects                            the limit, how much of it is used, and where it comes from
  freehold explain 01a1fac8-… new-editor --member 01a1fac9-…
  freehold explain acme new-editor --context country=de --at 2027-01-31
  freehold explain acme rate:read                           how often it may ask; the end of a 429's rule is the key
  freehold explain acme projects --json --stage launch

exit code: 0 explained, 1 refused, 2 not understood
More: docs/entitlements.md"""
_WHY = "To explain why it is decided so"


def main() -> None:
    """Ask, and print the answer."""
    options = parse(sys.argv[1:])
    with asked_at(options.stage) as ask:
        print(run(ask, options))


def run(ask: Asked, options: argparse.Namespace) -> str:
    """What is printed. Raises LocalError with the sentence of whatever was refused."""
    question = {
        "ask": "explain",
        "tenant": tenant_named(ask, options.tenant, reason=options.reason),
        "key": options.key,
        "member": options.member,
        "context": dict(options.context),
        "at": options.at,
        "reason": options.reason,
    }
    answer = said(ask, question)
    if options.json:
        return json.dumps(
            {name: said for name, said in answer.items() if name != "lines"}, indent=2, ensure_ascii=False
        )
    whom = f"member {options.member} of " if options.member else ""
    return "\n".join([f"For {whom}tenant {answer['tenant']}:", *answer["lines"]])


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What was typed. Ends the process with 2 where that cannot be understood."""
    parser = argparse.ArgumentParser(
        prog="freehold explain",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("tenant", help="its id, or a part of its name")
    parser.add_argument("key", help="of a feature, a limit or a flag; of a rate, rate:read")
    parser.add_argument("--member", help="the id of one of its members")
    parser.add_argument("--at", type=words.moment, help="2027-01-31, a moment, or 30d from now; now unless said")
    parser.add_argument(
        "--context", action="append", default=[], type=_attribute, metavar="NAME=VALUE", help="what a caller would say"
    )
    parser.add_argument("--reason", default=_WHY, help="what the tenant reads, if more than that it is explained")
    parser.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    parser.add_argument("--stage", choices=STAGES, help="a deployed stage, in the account that AWS credentials name")
    return parser.parse_args(arguments)


def _attribute(text: str) -> tuple[str, Any]:
    """`country=de`; a value that is JSON is read as such, so `seats=10` is a number."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is no attribute: write country=de.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


if __name__ == "__main__":
    errors.run(main)
