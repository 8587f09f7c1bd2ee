"""What was deployed to a stage, newest first: by whom and from which commit, then what its stacks and canaries did.

The first comes from what `make deploy` wrote down, the second from CloudFormation, the third from CodeDeploy.
"""

import argparse
import datetime as dt
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import batched

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.account import stack_names
from infra.errors import SynthesisError
from infra.history import history
from infra.stage import Stage, stage_named

_EXAMPLES = """examples:
  freehold deployments --stage launch              of the last 30 days
  freehold deployments --stage launch --days 2 --json"""
_LONGEST = 365
_AT_ONCE = 25
"""Deployments that CodeDeploy tells of in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that a stack or a canary did."""

    when: str
    """ISO 8601, UTC."""
    what: str
    state: str
    why: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """0, whatever came of them."""
    options = _parser().parse_args(arguments)
    try:
        stage = stage_named(options.stage)
        session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        since = dt.datetime.now(dt.UTC) - dt.timedelta(days=options.days)
        noted = [one.as_dict() for one in history(session.client("ssm"), stage) if one.when >= _iso(since)]
        stacks, canaries = stack_updates(session, stage, since), canary_deployments(session, stage, since)
    except (SynthesisError, BotoCoreError, ClientError) as error:
        _say(str(error), to_error=True)
        return 1
    if options.json:
        every = {"deployments": noted, "stacks": [*map(asdict, stacks)], "canaries": [*map(asdict, canaries)]}
        _say(json.dumps(every, indent=2))
    else:
        lines = [
            f"{one['when']}  {one['outcome']:<9}  {one['commit'][:12]:<12}  {one['who']}  {one['run']}" for one in noted
        ]
        _show("Deployments", [line.rstrip() for line in lines])
        _show("Stacks", [_line(one) for one in stacks])
        _show("Canaries", [_line(one) for one in canaries])
    return 0


def stack_updates(session: boto3.Session, stage: Stage, since: dt.datetime) -> list[Happened]:
    """What became of each stack of the stage as a whole."""
    names = stack_names(session.client("cloudformation"), stage)
    found = [one for name in names for one in _of_stack(session, name, since)]
    return sorted(found, key=lambda one: one.when, reverse=True)


def _of_stack(session: boto3.Session, name: str, since: dt.datetime) -> Iterator[Happened]:
    """Events come newest first; those of its resources are left out."""
    for page in session.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=name):
        for event in page["StackEvents"]:
            if event["Timestamp"] < since:
                return
            if event.get("PhysicalResourceId") == event["StackId"]:
                yield Happened(
                    when=_iso(event["Timestamp"]),
                    what=name,
                    state=event.get("ResourceStatus", ""),
                    why=event.get("ResourceStatusReason", ""),
                )


def canary_deployments(session: boto3.Session, stage: Stage, since: dt.datetime) -> list[Happened]:
    """Of CodeDeploy's application of the stage; where there is none, none."""
    client = session.client("codedeploy")
    pages = client.get_paginator("list_deployments").paginate(createTimeRange={"start": since})
    ids = [identifier for page in pages for identifier in page["deployments"]]
    found = []
    for some in batched(ids, _AT_ONCE, strict=False):
        for info in client.batch_get_deployments(deploymentIds=[*some])["deploymentsInfo"]:
            if info["applicationName"] == f"freehold-{stage.name}":
                problem = info.get("errorInformation", {}).get("message", "")
                what = f"{info['deploymentGroupName']} {info['deploymentId']}"
                found.append(Happened(when=_iso(info["createTime"]), what=what, state=info["status"], why=problem))
    return sorted(found, key=lambda one: one.when, reverse=True)


def _iso(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="seconds")


def _line(one: Happened) -> str:
    return f"{one.when}  {one.state:<28}  {one.what}  {one.why}".rstrip()


def _show(title: str, lines: Sequence[str]) -> None:
    _say("\n".join([f"{title}:", *(f"  {line}" for line in lines or ["none"])]))


def _say(text: str, *, to_error: bool = False) -> None:
    print(text, file=sys.stderr if to_error else sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="freehold deployments",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="a stage of infra/stage.py")
    parser.add_argument(
        "--days", type=int, choices=range(1, _LONGEST + 1), default=30, metavar="N", help="how far back, 1 to 365 (30)"
    )
    parser.add_argument("--json", action="store_true", help="for a machine")
    return parser


if __name__ == "__main__":
    sys.exit(main())
