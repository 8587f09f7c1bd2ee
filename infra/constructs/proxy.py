"""RDS Proxy in front of a cluster: thousands of functions share a few connections, and nobody has a password.

A function logs in at the proxy as its own role, by IAM; the proxy logs in at the database as the same role, by IAM.
"""

from aws_cdk import Duration, Fn
from aws_cdk.aws_ec2 import Port, SecurityGroup, SubnetSelection
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_rds import CfnDBProxyEndpoint, DatabaseProxy, DefaultAuthScheme, ProxyTarget
from constructs import Construct

from infra.constructs.cluster import Cluster
from infra.constructs.logins import login_arn
from infra.constructs.logs import log_group
from infra.constructs.security_groups import private_group
from infra.stage import Stage

REQUEST_ROLES = ("freehold_api", "freehold_worker", "freehold_system", "freehold_report", "freehold_operator")
"""Migrations are not among them: they keep a session for themselves, at the cluster."""

BORROW_TIMEOUT = Duration.seconds(2)
"""How long a request waits for a connection when all are taken: less than a client's 3 s to connect, so that it hears
why from the proxy, and tries again or answers 503 while the caller still listens."""

_SHARE_OF_CONNECTIONS = 90
"""Percent. What is left is for migrations and for whoever has to look into the database on a bad day."""


class Proxy(Construct):
    """The way in for requests."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, cluster: Cluster, clients: SecurityGroup) -> None:
        super().__init__(scope, name)
        logs = log_group(self, "Logs", stage, name=f"/aws/rds/proxy/{cluster.identifier}")
        group = private_group(self, "Group", cluster.vpc, "The way in for requests")
        proxy = DatabaseProxy(
            self,
            "Proxy",
            db_proxy_name=cluster.identifier,
            proxy_target=ProxyTarget.from_cluster(cluster.database),
            vpc=cluster.vpc,
            vpc_subnets=SubnetSelection(subnets=cluster.vpc.isolated_subnets),
            security_groups=[group],
            require_tls=True,
            default_auth_scheme=DefaultAuthScheme.IAM_AUTH,
            role=self._role(cluster),
            borrow_timeout=BORROW_TIMEOUT,
            max_connections_percent=_SHARE_OF_CONNECTIONS,
        )
        proxy.node.add_dependency(logs)
        proxy.connections.allow_from(clients, Port.POSTGRES, "Functions")
        self.host = proxy.endpoint
        self.reader_host = self._reader(proxy, cluster, group) if stage.cell.readers else proxy.endpoint
        self.resource = Fn.select(6, Fn.split(":", proxy.db_proxy_arn))

    def _reader(self, proxy: DatabaseProxy, cluster: Cluster, group: SecurityGroup) -> str:
        """A second address, which leads to the readers alone."""
        endpoint = CfnDBProxyEndpoint(
            self,
            "Reader",
            db_proxy_endpoint_name=f"{cluster.identifier}-reader",
            db_proxy_name=proxy.db_proxy_name,
            target_role="READ_ONLY",
            vpc_subnet_ids=[subnet.subnet_id for subnet in cluster.vpc.isolated_subnets],
            vpc_security_group_ids=[group.security_group_id],
        )
        return endpoint.attr_endpoint

    def _role(self, cluster: Cluster) -> Role:
        """May log in as what requests are, and as nobody else."""
        log_in = PolicyStatement(
            actions=["rds-db:connect"], resources=[login_arn(self, cluster.resource, role) for role in REQUEST_ROLES]
        )
        return Role(
            self,
            "Role",
            assumed_by=ServicePrincipal("rds.amazonaws.com"),
            inline_policies={"LogIn": PolicyDocument(statements=[log_in])},
        )
