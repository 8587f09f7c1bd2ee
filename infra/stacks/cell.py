"""A cell: one database with the full schema, and the way in.

functions (clients) ──▶ Proxy, where the stage pays for one ──▶ Cluster: writer, readers
reports   (clients) ──▶ its way to the readers ─────────────────▶ readers, where there are any
migrations (clients) ───────────────────────────────────────────▶ writer
                                                                    └── key, logs, backups
"""

from aws_cdk import Acknowledgment, Environment, Fn, Stack, Validations
from aws_cdk.aws_ec2 import IVpc, Vpc
from constructs import Construct

from infra.constructs.cluster import Cluster
from infra.constructs.parameters import POOL, Parameter, read_parameter, suffix, write_parameter
from infra.constructs.proxy import Proxy
from infra.constructs.security_groups import clients_group
from infra.stage import Stage

_WAKING = 20
_LONG_ASLEEP = 60
"""Seconds. Aurora's documentation says about 15 for a database that sleeps, and 30 or more once it slept for a day. A
request cannot wait as long as that, migrations can."""


class CellStack(Stack):
    """The pool, in which every tenant starts, or a silo, in this region or another."""

    def __init__(self, scope: Construct, *, stage: Stage, cell: str = POOL, env: Environment | None = None) -> None:
        super().__init__(
            scope,
            f"freehold-{stage.name}-cell{suffix(cell)}",
            env=env,
            description=f"Freehold ({stage.name}): the database of {cell}",
            termination_protection=stage.cell.keeps_data,
        )
        vpc = self._network(stage)
        clients = clients_group(self, "Clients", vpc)
        cluster = Cluster(self, "Cluster", stage=stage, cell=cell, vpc=vpc, clients=clients)
        proxy = Proxy(self, "Proxy", stage=stage, cluster=cluster, clients=clients) if stage.cell.proxy else None
        entrance = proxy or cluster
        written: dict[Parameter, str] = {
            "cell/clients": clients.security_group_id,
            "cell/conninfo": _conninfo(entrance.host, stage, _WAKING),
            "cell/resource": entrance.resource,
            "cell/reader/conninfo": _conninfo(entrance.reader_host, stage, _WAKING),
            "cell/writer/conninfo": _conninfo(cluster.host, stage, _LONG_ASLEEP),
            "cell/writer/resource": cluster.resource,
        }
        for name, value in written.items():
            write_parameter(self, stage, name, value, cell=cell)

    def _network(self, stage: Stage) -> IVpc:
        """The network stack's, of which a database needs no more than this."""
        vpc = Vpc.from_vpc_attributes(
            self,
            "Network",
            vpc_id=read_parameter(self, stage, "network/vpc"),
            availability_zones=[Fn.select(zone, Fn.get_azs()) for zone in range(stage.zones)],
            isolated_subnet_ids=Fn.split(",", read_parameter(self, stage, "network/database-subnets"), stage.zones),
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
