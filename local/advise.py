"""Says what to turn at a stage, what that costs a month, what is fine, and what not to buy yet.

It compares what was measured with the thresholds of infra/advice/thresholds.py: from CloudWatch of the account that AWS
credentials name, or from a file (docs/metrics.example.json; docs/cost.md lists what it may hold).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.advice.advice import Advice, Pricing, advise, text
from infra.advice.cloudwatch import measure, queries
from infra.advice.measurements import Measurements, read_measurements
from infra.cost import database, running
from infra.cost.estimate import estimate
from infra.cost.lines import priced
from infra.cost.prices import Prices, read_prices
from infra.cost.resources import rule_for
from infra.cost.template import Templates, resources
from infra.cost.usage import USUAL
from infra.errors import SynthesisError
from infra.stage import STAGES, Stage
from infra.templates import templates_of
from local import errors
from local.errors import LocalError
from local.project import ROOT

_EXAMPLES = """examples:
  freehold advise --stage launch --metrics docs/metrics.example.json
  freehold advise --stage growth --days 7                   from CloudWatch, of the account that credentials name
  freehold advise --stage launch --metrics mine.toml --json

exit code: 0 advised, 1 refused, 2 not understood
More: docs/cost.md"""


def main() -> None:
    """Measure or read, then print."""
    options = parse(sys.argv[1:])
    try:
        print(run(options))
    except SynthesisError as error:
        raise LocalError(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"CloudWatch does not answer: {error}. Log in, or say --metrics FILE.") from error


def run(options: argparse.Namespace) -> str:
    """What is printed."""
    stage = STAGES[options.stage]
    measured = read_measurements(options.metrics) if options.metrics else _from_cloudwatch(stage, options.days)
    advice = advised(stage, measured)
    return json.dumps(advice.as_dict(), indent=2) if options.json else text(advice)


def advised(stage: Stage, measured: Measurements) -> Advice:
    """Each change priced from the templates of the stage that has it."""
    prices = read_prices()

    @cache
    def fixed(changed: Stage) -> float:
        return estimate(templates_of(changed, ROOT), changed, USUAL[stage.name], prices).fixed

    def relay(of: Stage) -> float:
        return relay_price(templates_of(of, ROOT), of, prices)

    return advise(stage, measured, Pricing(stage=fixed, cell=lambda like: cell_price(like, prices), relay=relay))


def cell_price(stage: Stage, prices: Prices) -> float:
    """One more database like the stage's, with its proxy, a month."""
    found = resources({"cell": database.template_of(stage.cell)})
    charges = (charge for resource in found for charge in rule_for(resource)(resource, prices))
    return sum(line.month for line in priced("fixed", charges, prices))


def relay_price(templates: Templates, stage: Stage, prices: Prices) -> float:
    """The time of the stage's relay, a month."""
    lines = priced("fixed", running.scheduled(templates, stage), prices)
    return sum(line.month for line in lines if line.name == running.RELAY)


def _from_cloudwatch(stage: Stage, days: int) -> Measurements:
    stacks = boto3.client("cloudformation").describe_stacks(StackName=f"freehold-{stage.name}-gateway")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stacks[0].get("Outputs", [])}
    if "ApiId" not in outputs:
        raise LocalError(f"freehold-{stage.name}-gateway says no ApiId: deploy it, or say --metrics FILE.")
    asked = queries(stage, outputs["ApiId"])
    cloudwatch: Any = boto3.client("cloudwatch")
    return measure(cloudwatch, asked, until=datetime.now(UTC), days=days)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises SystemExit with 2 for what is not understood."""
    parser = argparse.ArgumentParser(
        prog="freehold advise",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", choices=STAGES, default="launch", help="whose dial it is (launch)")
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="JSON or TOML instead of CloudWatch")
    parser.add_argument("--days", type=int, choices=range(1, 15), default=7, metavar="1-14", help="to look back (7)")
    parser.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    return parser.parse_args(words)


if __name__ == "__main__":
    errors.run(main)
