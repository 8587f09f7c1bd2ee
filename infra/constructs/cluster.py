"""The database of a cell: an Aurora PostgreSQL cluster that nobody reaches from outside and nobody reads on disk."""

from typing import cast

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk.aws_ec2 import InstanceType, IVpc, Port, SecurityGroup, SubnetSelection
from aws_cdk.aws_kms import Key
from aws_cdk.aws_rds import (
    AuroraPostgresEngineVersion,
    BackupProps,
    CaCertificate,
    CfnDBCluster,
    ClusterInstance,
    Credentials,
    DatabaseCluster,
    DatabaseClusterEngine,
    DatabaseInsightsMode,
    IClusterInstance,
    PerformanceInsightRetention,
)
from constructs import Construct

from infra.constructs.logs import log_group
from infra.constructs.parameters import cluster_name
from infra.constructs.security_groups import private_group
from infra.stage import Cell, Instance, Serverless, Stage

PARAMETERS = {
    "rds.force_ssl": "1",
    "shared_preload_libraries": "pg_stat_statements",
    "log_min_duration_statement": "500",  # milliseconds
    "log_error_verbosity": "terse",  # without DETAIL and CONTEXT, which quote rows
    "log_parameter_max_length": "0",  # a statement's parameters are people's data and keys: they stay out of the logs
    "log_parameter_max_length_on_error": "0",  # likewise
}
"""Time limits are not among them: each role has its own, and migrations have none."""

LETS_SLEEP = {"idle_session_timeout": "240000"}  # milliseconds
"""An idle function still holds its connection, and a database sleeps only when nobody is connected."""

_ADMINISTRATOR = "freehold_admin"
_AUTHORITY = CaCertificate.RDS_CA_RSA2048_G1
"""Who signs the server's certificate."""


class Cluster(Construct):
    """Writer and readers. Nobody has a password, the administrator neither: everybody logs in by IAM."""

    def __init__(  # noqa: PLR0913 (by name: of which stage and cell, where, and for whom)
        self, scope: Construct, name: str, *, stage: Stage, cell: str, vpc: IVpc, clients: SecurityGroup
    ) -> None:
        super().__init__(scope, name)
        self.identifier = identifier = cluster_name(stage, cell)
        self.vpc = vpc
        dial, key = stage.cell, _key(self, stage.cell, identifier)
        serverless = dial.compute if isinstance(dial.compute, Serverless) else None
        writer, *readers = _instances(dial, key)
        logs = log_group(self, "Logs", stage, name=f"/aws/rds/cluster/{identifier}/postgresql")
        self.database = DatabaseCluster(
            self,
            "Database",
            cluster_identifier=identifier,
            engine=DatabaseClusterEngine.aurora_postgres(version=_version(dial.engine)),
            parameters=PARAMETERS | LETS_SLEEP if dial.sleeps else PARAMETERS,
            writer=writer,
            readers=readers,
            serverless_v2_min_capacity=serverless.least if serverless else None,
            serverless_v2_max_capacity=serverless.most if serverless else None,
            vpc=vpc,
            vpc_subnets=SubnetSelection(subnets=vpc.isolated_subnets),
            security_groups=[private_group(self, "Group", vpc, "The database itself")],
            storage_encrypted=True,
            storage_encryption_key=key,
            iam_authentication=True,
            manage_master_user_password=True,  # until `_without_password`
            credentials=Credentials.from_username(_ADMINISTRATOR),
            backup=BackupProps(retention=Duration.days(dial.backup_days)),
            copy_tags_to_snapshot=True,
            delete_automated_backups=not dial.keeps_data,
            deletion_protection=dial.keeps_data,
            removal_policy=RemovalPolicy.SNAPSHOT if dial.keeps_data else RemovalPolicy.DESTROY,
            cloudwatch_logs_exports=["postgresql"],
            database_insights_mode=DatabaseInsightsMode.STANDARD,
            performance_insight_retention=PerformanceInsightRetention.DEFAULT,
            performance_insight_encryption_key=key,
        )
        if not dial.keeps_data:
            _acknowledge_deletable(self.database)
        self.database.node.add_dependency(logs)
        _without_password(self.database)
        self.database.connections.allow_from(clients, Port.POSTGRES, "Functions")
        self.host = self.database.cluster_endpoint.hostname
        self.reader_host = self.database.cluster_read_endpoint.hostname
        self.resource = self.database.cluster_resource_identifier


def _without_password(database: DatabaseCluster) -> None:
    """The construct knows only administrators with one. RDS knows those who log in by IAM from the first day on."""
    cluster = cast("CfnDBCluster", database.node.default_child)
    cluster.manage_master_user_password = None
    cluster.master_user_secret = None
    cluster.master_user_authentication_type = "iam-db-auth"


def _acknowledge_deletable(database: DatabaseCluster) -> None:
    reason = "At this stage the data goes with its stack."
    Validations.of(database).acknowledge(Acknowledgment(id="AwsSolutions::AwsSolutions-RDS10", reason=reason))


def _instances(cell: Cell, key: Key | None) -> list[IClusterInstance]:
    names = ["Writer", *(f"Reader{number}" for number in range(1, cell.readers + 1))]
    return [_instance(name, cell.compute, key, takes_over=name == "Reader1") for name in names]


def _instance(name: str, compute: Serverless | Instance, key: Key | None, *, takes_over: bool) -> IClusterInstance:
    """Whoever takes over when the writer fails has to be as large as it is by then."""
    match compute:
        case Serverless():
            return ClusterInstance.serverless_v2(
                name,
                ca_certificate=_AUTHORITY,
                publicly_accessible=False,
                enable_performance_insights=True,
                performance_insight_encryption_key=key,
                scale_with_writer=takes_over or None,
            )
        case Instance(type=kind):
            return ClusterInstance.provisioned(
                name,
                instance_type=InstanceType(kind),
                ca_certificate=_AUTHORITY,
                publicly_accessible=False,
                enable_performance_insights=True,
                performance_insight_encryption_key=key,
            )


def _version(engine: str) -> AuroraPostgresEngineVersion:
    return AuroraPostgresEngineVersion.of(engine, engine.partition(".")[0], serverless_v2_auto_pause_supported=True)


def _key(scope: Construct, cell: Cell, identifier: str) -> Key | None:
    """Kept where the data is: a snapshot is worth nothing without its key."""
    if not cell.own_key:
        return None
    removal = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if cell.keeps_data else RemovalPolicy.DESTROY
    return Key(scope, "Key", alias=identifier, enable_key_rotation=True, removal_policy=removal)
