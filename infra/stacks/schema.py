"""The schema: what a deploy does to the database before new code answers a request.

CloudFormation ──▶ Custom::Schema ──▶ migrations:live ──▶ the cell's writer
                     └── again, whenever a migration or what the function runs has changed
"""

from aws_cdk import Duration, Environment, Stack
from constructs import Construct

from functions.manifest import migrations_of
from infra.assets import Assets
from infra.constructs.database_access import writer
from infra.constructs.function import LiveFunction, Needs
from infra.constructs.migration import migrate
from infra.constructs.packages import Packages
from infra.constructs.parameters import POOL, suffix
from infra.stage import Stage
from infra.target import Target

_AT_ONCE = Duration.minutes(1)
"""Whoever deploys tries again; nobody migrates in the dark, hours later."""


class SchemaStack(Stack):
    """Taking it away takes no data away: the function answers a deletion by doing nothing."""

    def __init__(  # noqa: PLR0913 (by name: of which stage and cell, made of what, and where)
        self,
        scope: Construct,
        *,
        stage: Stage,
        target: Target,
        assets: Assets,
        cell: str = POOL,
        env: Environment | None = None,
    ) -> None:
        super().__init__(
            scope,
            f"freehold-{stage.name}-schema{suffix(cell)}",
            env=env,
            description=f"Freehold ({stage.name}): the schema of {cell}",
        )
        declared = migrations_of(cell)
        migrations = LiveFunction(
            self,
            declared,
            stage=stage,
            packages=Packages(self, "Packages", assets=assets, target=target),
            needs=Needs(database=writer(self, stage, "admin", "migrator", cell=cell)),
        )
        migrations.alias.configure_async_invoke(retry_attempts=0, max_event_age=_AT_ONCE)
        migrate(
            self,
            "pre",
            by=declared,
            stage=stage,
            digest=assets.migrations,
            after=[migrations.alias],
            version=migrations.version.version,
        )
