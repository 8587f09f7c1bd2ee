"""The network: two or three zones, a way out or one in each, no way in.

internet ◀── public: NAT ◀── functions: Lambda ──▶ database: proxy, cluster
                                 └──▶ S3, without leaving AWS
"""

from aws_cdk import Environment, Fn, Stack
from aws_cdk.aws_ec2 import Vpc
from constructs import Construct

from infra.constructs.parameters import write_parameter
from infra.constructs.private_network import DATABASE, FUNCTIONS, PrivateNetwork
from infra.stage import Stage


class NetworkStack(Stack):
    """Where functions and databases are. The gateway and functions without a database are outside."""

    def __init__(self, scope: Construct, *, stage: Stage, env: Environment | None = None) -> None:
        self._zones = stage.zones
        elsewhere = f"-{env.region}" if env else ""
        super().__init__(
            scope,
            f"freehold-{stage.name}-network{elsewhere}",
            env=env,
            description=f"Freehold ({stage.name}): the network",
        )
        network = PrivateNetwork(self, "Network", stage)
        vpc = network.vpc
        write_parameter(self, stage, "network/vpc", vpc.vpc_id)
        write_parameter(self, stage, "network/subnets", _subnet_ids(vpc, FUNCTIONS))
        write_parameter(self, stage, "network/database-subnets", _subnet_ids(vpc, DATABASE))
        write_parameter(self, stage, "network/ways-out", ",".join(network.ways_out))

    @property
    def availability_zones(self) -> list[str]:
        """As many as the stage has. The construct, which knows no region, would stop at two."""
        return [Fn.select(zone, Fn.get_azs()) for zone in range(self._zones)]


def _subnet_ids(vpc: Vpc, name: str) -> str:
    return ",".join(vpc.select_subnets(subnet_group_name=name).subnet_ids)
