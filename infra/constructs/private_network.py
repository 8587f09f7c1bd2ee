"""The network: what faces the internet, what may call out, and what does neither."""

from aws_cdk.aws_ec2 import (
    FlowLogDestination,
    FlowLogOptions,
    GatewayVpcEndpointAwsService,
    IpAddresses,
    SubnetConfiguration,
    SubnetSelection,
    SubnetType,
    Vpc,
)
from constructs import Construct

from infra.constructs.default_group import close_default_group
from infra.constructs.logs import log_group
from infra.constructs.nat import NAT, harden
from infra.stage import Stage

FUNCTIONS, DATABASE = "functions", "database"
"""The names of the two kinds of private subnets."""

_ADDRESSES = "10.0.0.0/16"
_SUBNETS = [
    SubnetConfiguration(name="public", subnet_type=SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False),
    SubnetConfiguration(name=FUNCTIONS, subnet_type=SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20),
    SubnetConfiguration(name=DATABASE, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
]


class PrivateNetwork(Construct):
    """Three subnets in each zone, as many ways out as the stage pays for, and a log of who talked to whom."""

    def __init__(self, scope: Construct, name: str, stage: Stage) -> None:
        super().__init__(scope, name)
        nat, logs = NAT[stage.egress](), log_group(self, "FlowLogs", stage)
        self.vpc = Vpc(
            self,
            "Vpc",
            ip_addresses=IpAddresses.cidr(_ADDRESSES),
            max_azs=stage.zones,
            nat_gateway_provider=nat,
            nat_gateways=stage.ways_out,
            subnet_configuration=_SUBNETS,
            flow_logs={"All": FlowLogOptions(destination=FlowLogDestination.to_cloud_watch_logs(logs))},
        )
        harden(nat, serves=_ADDRESSES)
        self.ways_out = [each.gateway_id for each in nat.configured_gateways]
        close_default_group(self.vpc, stage)
        calling_out = SubnetSelection(subnet_group_name=FUNCTIONS)
        self.vpc.add_gateway_endpoint("S3", service=GatewayVpcEndpointAwsService.S3, subnets=[calling_out])
