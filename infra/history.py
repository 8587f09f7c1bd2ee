"""What was deployed to a stage: one SSM parameter, of which SSM keeps the last hundred values.

No template knows it, so a deployment of unchanged code still changes nothing.
"""

import datetime as dt
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from infra.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

type Outcome = Literal["started", "succeeded", "failed"]

_LONGEST = 200
"""Characters of what somebody else named; the parameter has room for 4096."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A deployment that has begun or ended. One that only began was cut off, or still runs."""

    commit: str
    """Its hash, with a `+` where files differed from it; empty where there is no git."""
    who: str
    """The person at GitHub where a workflow deployed, else who AWS says it was."""
    outcome: Outcome
    run: str = ""
    """The address of the workflow's run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An entry with its time, ISO 8601 in UTC, as SSM has it."""

    when: str
    entry: Entry

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"when": self.when, **asdict(self.entry)}


def entry(root: Path, arn: str, outcome: Outcome, environment: Mapping[str, str] = os.environ) -> Entry:
    """Of a deployment from this folder, by whom AWS knows under that ARN."""
    repository, number = environment.get("GITHUB_REPOSITORY", ""), environment.get("GITHUB_RUN_ID", "")
    server = environment.get("GITHUB_SERVER_URL", "")
    return Entry(
        commit=_commit(root),
        who=(environment.get("GITHUB_ACTOR") or arn.rpartition(":")[2])[:_LONGEST],
        outcome=outcome,
        run=f"{server}/{repository}/actions/runs/{number}"[:_LONGEST] if number else "",
    )


def note(ssm: "SSMClient", stage: Stage, noted: Entry) -> None:
    """Write it behind the others."""
    ssm.put_parameter(Name=_name(stage), Value=json.dumps(asdict(noted)), Type="String", Overwrite=True)


def history(ssm: "SSMClient", stage: Stage) -> list[Noted]:
    """The newest first; none where nothing was deployed."""
    try:
        return list(_read(ssm, stage))[::-1]
    except ssm.exceptions.ParameterNotFound:
        return []


def _read(ssm: "SSMClient", stage: Stage) -> Iterator[Noted]:
    for page in ssm.get_paginator("get_parameter_history").paginate(Name=_name(stage)):
        for version in page["Parameters"]:
            when = version["LastModifiedDate"].astimezone(dt.UTC).isoformat(timespec="seconds")
            yield Noted(when=when, entry=Entry(**json.loads(version["Value"])))


def _name(stage: Stage) -> str:
    return f"/freehold/{stage.name}/deployments"


def _commit(root: Path) -> str:
    try:
        head = _git(root, "rev-parse", "HEAD")
        return head + ("+" if _git(root, "status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
