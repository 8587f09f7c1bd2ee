"""Compares what Stripe holds of every customer with our copy, mends what differs, and says what that was.

Without --stage it is the running `make dev`. A second run finds nothing and writes nothing.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.conninfo import make_conninfo
from pydantic import ValidationError

from freehold.billing.drift import Drift
from freehold.billing.gateway import Stripe, StripeBusy, StripeRefused, StripeUnreadable
from freehold.billing.reconcile import Reconciliation, Report
from freehold.database import Database
from freehold.secrets import StripeKeys
from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from local import errors, instance
from local.errors import LocalError
from local.stripe_double.service import SECRET_KEY, WEBHOOK_SECRET
from product.plans import PLANS

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_EXAMPLES = """examples:
  freehold billing reconcile                     the running `make dev`
  freehold billing reconcile --stage launch --json

exit code: 0 nothing differs any more, 1 something still does or could not be read, 2 not understood
What to do then: docs/billing.md"""
_FUNCTION = next(each for each in FUNCTIONS if each.name == "reconcile_billing")


def main() -> None:
    """0 when our copy is what Stripe holds, else 1."""
    options = parse(sys.argv[1:])
    try:
        report = at_stage(options.stage) if options.stage else here()
    except (StripeBusy, StripeRefused, StripeUnreadable) as error:
        raise LocalError(f"Stripe could not be read: {error}") from error
    sys.exit(show(report, as_json=options.json))


def here() -> Report:
    """Of the running `make dev`. Raises LocalError where there is none, or none with a Stripe."""
    running = instance.require()
    system, worker = (
        Database(make_conninfo(running.database, user=f"freehold_{role}")) for role in ("system", "worker")
    )
    made = Reconciliation(
        system=system, worker=worker, gateway=Stripe(keys(running.stripe)), catalog=PLANS, request_id="reconcile:here"
    )
    try:
        return made.run(latest=math.inf)
    finally:
        system.close()
        worker.close()


def at_stage(stage: str) -> Report:
    """Of a deployed stage, by its own function. Raises LocalError."""
    import boto3  # noqa: PLC0415 (only a deployed stage needs it, and it takes its time)

    patience = Config(read_timeout=_FUNCTION.timeout_seconds + 10, retries={"total_max_attempts": 1})
    client: LambdaClient = boto3.client("lambda", config=patience)
    name = f"freehold-{stage}-{_FUNCTION.name}"
    try:
        answer = client.invoke(FunctionName=f"{name}:live", Payload=json.dumps({"by_hand": True}))
        said = answer["Payload"].read()
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"{name} could not be asked: {error}") from error
    try:
        return Report.model_validate_json(said)
    except ValidationError:
        raise LocalError(f"{name} failed: {said.decode(errors='replace')}") from None


def show(report: Report, *, as_json: bool) -> int:
    """Print it; the exit code."""
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        problems = (f"  {problem}" for problem in report.problems)
        print("\n".join([*map(_line, report.drift), *problems, _summary(report)]), flush=True)
    return int(bool(report.unhealed or report.left))


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises SystemExit with 2 for what is not understood."""
    parser = argparse.ArgumentParser(
        prog="freehold billing reconcile",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", choices=STAGES, help="a deployed stage, in the account that AWS credentials name")
    parser.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    return parser.parse_args(words)


def _line(drift: Drift) -> str:
    became = "mended" if drift.healed else "STILL THERE"
    return f"  {drift.tenant_id}  {drift.field}: {drift.local} here, {drift.stripe} at Stripe, {became}"


def _summary(report: Report) -> str:
    compared = f"{report.tenants} tenants compared with {report.customers} customers"
    left = f", {report.left} not reached" if report.left else ""
    left += f", {report.elsewhere} of tenants who are not here" if report.elsewhere else ""
    return f"billing: {compared}{left}, {len(report.drift)} differences, {report.unhealed} of them still there"


def keys(double: str) -> StripeKeys:
    """As `freehold billing push` finds them: the environment's key, else the running double's. Raises LocalError."""
    if key := os.environ.get("STRIPE_SECRET_KEY", ""):
        return StripeKeys(secret_key=key, webhook_secrets=(WEBHOOK_SECRET,))
    if not double:
        raise LocalError("There is no key: set STRIPE_SECRET_KEY, or start `make dev` with its double of Stripe.")
    return StripeKeys(secret_key=SECRET_KEY, webhook_secrets=(WEBHOOK_SECRET,), api=double)


if __name__ == "__main__":
    errors.run(main)
