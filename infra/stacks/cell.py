"""A cell: one database with the full schema, and the way in.

functions (clients) ──▶ Proxy, where the stage pays for one ──▶ Cluster: writer, readers
reports   (clients) ──▶ its way to the readers ─────────────────▶ readers, where there are any
migrations (clients) ───────────────────────────────────────────▶ writer
                                                                    └── key, logs, backups
"""

from aws_cdk import Acknowledgment, Fn, Stack, Validations
from aws_cdk.aws_ec2 import IVpc, Vpc
from constructs import Construct

from infra.constructs.cluster import Cluster
from infra.constructs.parameters import read_parameter, write_parameter
from infra.constructs.proxy import Proxy
from infra.constructs.security_groups import clients_group
from infra.stage import Stage

_WAKING = 20
_LONG_ASLEEP = 60
"""Seconds. Aurora's documentation says about 15 for a database that sleeps, and 30 or more once it slept for a day. A
request cannot wait as long as that, migrations can."""


class CellStack(Stack):
    """The pool: the cell that every tenant starts in."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            f"freehold-{stage.name}-cell",
            description=f"Freehold ({stage.name}): the database",
            termination_protection=stage.cell.keeps_data,
        )
        vpc = self._network(stage)
        clients = clients_group(self, "Clients", vpc)
        cluster = Cluster(self, "Cluster", stage=stage, vpc=vpc, clients=clients)
        proxy = Proxy(self, "Proxy", stage=stage, cluster=cluster, clients=clients) if stage.cell.proxy else None
        entrance = proxy or cluster
        write_parameter(self, stage, "cell/pool/clients", clients.security_group_id)
        write_parameter(self, stage, "cell/pool/conninfo", _conninfo(entrance.host, stage, _WAKING))
        write_parameter(self, stage, "cell/pool/resource", entrance.resource)
        write_parameter(self, stage, "cell/pool/reader/conninfo", _conninfo(entrance.reader_host, stage, _WAKING))
        write_parameter(self, stage, "cell/pool/writer/conninfo", _conninfo(cluster.host, stage, _LONG_ASLEEP))
        write_parameter(self, stage, "cell/pool/writer/resource", cluster.resource)

    def _network(self, stage: Stage) -> IVpc:
        """The network stack's, of which a database needs no more than this."""
        vpc = Vpc.from_vpc_attributes(
            self,
            "Network",
            vpc_id=read_parameter(self, stage, "network/vpc"),
            availability_zones=[Fn.select(zone, Fn.get_azs()) for zone in range(2)],
            isolated_subnet_ids=Fn.split(",", read_parameter(self, stage, "network/database-subnets"), 2),
        )
        Validations.of(vpc).acknowledge(
            Acknowledgment(
                id="Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId", reason="No route is added from here."
            )
        )
        return vpc


def _conninfo(host: str, stage: Stage, patience: int) -> str:
    """In libpq's words, without a user: each function adds its own, and a password that is valid for minutes."""
    waits = f" connect_timeout={patience}" if stage.cell.sleeps else ""
    return f"host={host} port=5432 dbname=freehold sslmode=verify-full{waits}"
