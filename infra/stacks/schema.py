"""The schema: what a deploy does to the database before new code answers a request.

CloudFormation ──▶ Custom::Schema ──▶ migrations:live ──▶ the cell's writer
                     └── again, whenever a migration or what the function runs has changed
"""

from aws_cdk import Aws, CustomResource, Duration, Stack
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from functions.manifest import MIGRATIONS
from infra.assets import Assets
from infra.constructs.database_access import writer
from infra.constructs.function import LiveFunction, Needs
from infra.constructs.packages import Packages
from infra.constructs.parameters import read_parameter
from infra.stage import Stage
from infra.target import Target

_GRACE = 60
"""Seconds that CloudFormation waits longer than the function may run, so that it hears the function's own answer."""


class SchemaStack(Stack):
    """Taking it away takes no data away: the function answers a deletion by doing nothing."""

    def __init__(self, scope: Construct, *, stage: Stage, target: Target, assets: Assets, digest: str) -> None:
        super().__init__(scope, f"freehold-{stage.name}-schema", description=f"Freehold ({stage.name}): the schema")
        secret = read_parameter(self, stage, "cell/pool/admin-secret")
        migrations = LiveFunction(
            self,
            MIGRATIONS,
            stage=stage,
            packages=Packages(self, "Packages", assets=assets, target=target),
            needs=Needs(
                database=writer(self, stage, "migrator"),
                settings={"FREEHOLD_ADMIN_SECRET": secret},
                may={"ReadAdminSecret": _read(secret, key=read_parameter(self, stage, "cell/pool/key"))},
            ),
        )
        migrations.alias.configure_async_invoke(retry_attempts=0)  # whoever deploys tries again, nobody in the dark
        schema = CustomResource(
            self,
            "Schema",
            resource_type="Custom::Schema",
            service_token=migrations.alias.function_arn,
            service_timeout=Duration.seconds(MIGRATIONS.timeout_seconds + _GRACE),
            properties={"Phase": "pre", "Digest": digest, "Version": migrations.version.version},
        )
        schema.node.add_dependency(migrations.alias)


def _read(secret: str, *, key: str) -> list[PolicyStatement]:
    """That secret and no other, and its key for nothing else than secrets."""
    by_secrets_manager = {"StringEquals": {"kms:ViaService": f"secretsmanager.{Aws.REGION}.amazonaws.com"}}
    return [
        PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret]),
        PolicyStatement(actions=["kms:Decrypt"], resources=[key], conditions=by_secrets_manager),
    ]
