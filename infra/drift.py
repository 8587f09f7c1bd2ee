"""What somebody has changed by hand: where the resources of a stage are not what its stacks say.

CloudFormation compares. What moves without anybody's hand is left out: how many instances are kept ready, the version
behind an alias, and the database's minor version.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.account import stack_names
from infra.errors import SynthesisError
from infra.stage import Stage, stage_named

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import DescribeStackResourceDriftsInputTypeDef, StackResourceDriftTypeDef

_EXAMPLES = """examples:
  freehold drift --stage launch           exit code 1 where something differs, 2 where it could not be asked
  freehold drift --stage launch --json

Put it right in infra/ and deploy, or put it back by hand: docs/runbooks/drift.md."""
_MOVES = (
    ("AWS::Lambda::Version", "/ProvisionedConcurrencyConfig"),
    ("AWS::Lambda::Alias", "/FunctionVersion"),
    ("AWS::Lambda::Alias", "/RoutingConfig"),
    ("AWS::RDS::DBCluster", "/EngineVersion"),
    ("AWS::RDS::DBInstance", "/EngineVersion"),
)
_EVERY_SECONDS, _LONGEST_SECONDS = 5.0, 900.0


class DriftUnknown(Exception):
    """CloudFormation could not compare all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One that differs. A value that is not there is empty."""

    path: str
    template: str
    here: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """A resource that is not what its stack says."""

    stack: str
    resource: str
    """Its logical id."""
    type: str
    physical: str
    gone: bool
    properties: tuple[Property, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where nothing differs, 1 where something does, 2 where it could not be asked."""
    options = _parser().parse_args(arguments)
    try:
        stage = stage_named(options.stage)
        client = boto3.Session(region_name=os.environ.get("AWS_REGION")).client("cloudformation")
        stacks = _stacks(client, stage)
        found = drift(client, stacks)
    except (SynthesisError, DriftUnknown, BotoCoreError, ClientError) as error:
        _say(str(error), to_error=True)
        return 2
    if options.json:
        _say(json.dumps([asdict(one) for one in found], indent=2))
    else:
        _say("\n".join([*map(_lines, found), _summary(len(stacks), len(found))]))
    return int(bool(found))


def drift(client: "CloudFormationClient", stacks: Sequence[str]) -> list[Drifted]:
    """Of all these stacks, compared beside each other. Raises DriftUnknown, which names each that could not be."""
    _say(f"comparing {len(stacks)} stacks with what is there; a few minutes at most", to_error=True)
    asked = {name: client.detect_stack_drift(StackName=name)["StackDriftDetectionId"] for name in stacks}
    problems = _wait(client, asked)
    if problems:
        raise DriftUnknown("\n".join(f"{stack}: {problem}" for stack, problem in problems.items()))
    return [one for name in stacks for one in _of_stack(client, name)]


def _stacks(client: "CloudFormationClient", stage: Stage) -> list[str]:
    if not (names := stack_names(client, stage)):
        raise SynthesisError(f"No stack of {stage.name} is in this region and account: is AWS_REGION the right one?")
    return names


def _wait(client: "CloudFormationClient", asked: Mapping[str, str]) -> dict[str, str]:
    """Until each is compared; what went wrong, by stack."""
    open_, problems, waited = dict(asked), dict[str, str](), 0.0
    while open_:
        for name, identifier in [*open_.items()]:
            told = client.describe_stack_drift_detection_status(StackDriftDetectionId=identifier)
            if told["DetectionStatus"] == "DETECTION_IN_PROGRESS":
                continue
            del open_[name]
            _say(f"  {name}: {told['DetectionStatus'].removeprefix('DETECTION_').lower()}", to_error=True)
            if told["DetectionStatus"] == "DETECTION_FAILED":
                problems[name] = told.get("DetectionStatusReason", "CloudFormation gives no reason")
        if open_ and waited >= _LONGEST_SECONDS:
            return problems | dict.fromkeys(open_, f"not compared after {_LONGEST_SECONDS:.0f} s")
        if open_:
            time.sleep(_EVERY_SECONDS)
            waited += _EVERY_SECONDS
    return problems


def _of_stack(client: "CloudFormationClient", name: str) -> Iterator[Drifted]:
    asks: DescribeStackResourceDriftsInputTypeDef = {
        "StackName": name,
        "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"],
    }
    while True:
        page = client.describe_stack_resource_drifts(**asks)
        for told in page["StackResourceDrifts"]:
            one = _drifted(name, told)
            if one.gone or one.properties:
                yield one
        if "NextToken" not in page:
            return
        asks["NextToken"] = page["NextToken"]


def _drifted(stack: str, told: "StackResourceDriftTypeDef") -> Drifted:
    kind = told["ResourceType"]
    return Drifted(
        stack=stack,
        resource=told["LogicalResourceId"],
        type=kind,
        physical=told.get("PhysicalResourceId", ""),
        gone=told["StackResourceDriftStatus"] == "DELETED",
        properties=tuple(
            Property(path=one["PropertyPath"], template=one.get("ExpectedValue", ""), here=one.get("ActualValue", ""))
            for one in told.get("PropertyDifferences", ())
            if not any(kind == moved and one["PropertyPath"].startswith(path) for moved, path in _MOVES)
        ),
    )


def _lines(one: Drifted) -> str:
    head = f"{one.stack}: {one.resource} ({one.type}, {one.physical}) {'is gone' if one.gone else 'differs'}"
    return "\n".join(
        [head, *(f"  {it.path}: {it.template or '—'} in the template, {it.here or '—'} here" for it in one.properties)]
    )


def _summary(stacks: int, found: int) -> str:
    return f"drift: {found} changed by hand, in {stacks} stacks"


def _say(text: str, *, to_error: bool = False) -> None:
    print(text, file=sys.stderr if to_error else sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="freehold drift",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="a stage of infra/stage.py")
    parser.add_argument("--json", action="store_true", help="for a machine")
    return parser


if __name__ == "__main__":
    sys.exit(main())
