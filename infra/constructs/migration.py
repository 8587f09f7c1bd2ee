"""A deploy that waits for migrations."""

from collections.abc import Iterable
from typing import Literal

from aws_cdk import CustomResource, Duration
from constructs import Construct, IDependable

from functions.declaration import Function
from functions.manifest import MIGRATIONS
from infra.constructs.function import live_arn
from infra.stage import Stage

type Phase = Literal["pre", "post"]

_GRACE = 60
"""Seconds that CloudFormation waits longer than the function may run, so that it hears the function's own answer."""


def migrate(  # noqa: PLR0913 (by name: when, what and after what)
    scope: Construct,
    phase: Phase,
    *,
    name: str = "Schema",
    by: Function = MIGRATIONS,
    stage: Stage,
    digest: str,
    after: Iterable[IDependable] = (),
    version: str | None = None,
) -> None:
    """Have the function run once everything in `after` is done, and again whenever the digest is another.

    `version` is the one that has to answer; else whichever the alias has.
    """
    properties = {"Phase": phase, "Digest": digest} | ({"Version": version} if version else {})
    resource = CustomResource(
        scope,
        name,
        resource_type="Custom::Schema",
        service_token=live_arn(scope, by, stage),
        service_timeout=Duration.seconds(MIGRATIONS.timeout_seconds + _GRACE),
        properties=properties,
    )
    resource.node.add_dependency(*after)
