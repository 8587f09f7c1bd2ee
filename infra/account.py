"""The AWS account that a stage is to live in, and what looking at it says."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import boto3

from infra.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ssm import SSMClient

_TIMEOUT = 5.0  # seconds
_ANY = "us-east-1"
"""Who somebody is, every region knows."""


class Missing(Exception):
    """What is missing or wrong; `do` is what a person does about it."""

    def __init__(self, found: str, do: str) -> None:
        self.found, self.do = found, do
        super().__init__(found)


class Later(Missing):
    """What is missing, and what a deployment goes on without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Of one check: `do` is empty where nothing is to be done."""

    check: str
    ok: bool
    found: str
    do: str = ""
    warns: bool = False
    """Whether a deployment goes on although it is not ok."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


type Fetch = Callable[[str], bytes]
"""What an https address answers with. Raises OSError."""


class Account:
    """The AWS account and region that the environment leads to, and the stage that is to live there."""

    def __init__(self, stage: Stage, session: boto3.Session, *, fetch: Fetch | None = None) -> None:
        self.stage, self.session = stage, session
        self.fetch = fetch or _fetch

    @cached_property
    def region(self) -> str:
        """Where AWS_REGION or the profile says. Raises Missing."""
        if not (region := self.session.region_name):
            raise Missing(
                "no region is chosen", "export AWS_REGION=eu-central-1   # or the one closest to your customers"
            )
        return str(region)

    @cached_property
    def identity(self) -> dict[str, str]:
        """Account number and ARN of whoever deploys."""
        caller = self.session.client("sts", region_name=self.session.region_name or _ANY).get_caller_identity()
        return {"account": caller["Account"], "arn": caller["Arn"]}

    @cached_property
    def ssm(self) -> "SSMClient":
        """Where parameters are."""
        return self.session.client("ssm", region_name=self.region)

    def parameter(self, name: str) -> str | None:
        """Its value, or None."""
        try:
            return self.ssm.get_parameter(Name=name)["Parameter"]["Value"]
        except self.ssm.exceptions.ParameterNotFound:
            return None


def stack_names(client: "CloudFormationClient", stage: Stage) -> list[str]:
    """Of the stage, as many as are deployed in the client's region."""
    pages = client.get_paginator("describe_stacks").paginate()
    names = [stack["StackName"] for page in pages for stack in page["Stacks"]]
    return [name for name in names if name.startswith(f"freehold-{stage.name}-")]


def _fetch(address: str) -> bytes:
    with urlopen(address, timeout=_TIMEOUT) as answer:  # noqa: S310 (https, as written here or checked)
        return bytes(answer.read())
