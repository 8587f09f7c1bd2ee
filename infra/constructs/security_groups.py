"""Who may open a connection to whom inside the network."""

from aws_cdk.aws_ec2 import IVpc, Peer, Port, SecurityGroup
from constructs import Construct


def private_group(scope: Construct, name: str, vpc: IVpc, description: str) -> SecurityGroup:
    """Open to nobody and towards nobody, until a rule says otherwise."""
    return SecurityGroup(scope, name, vpc=vpc, description=description, allow_all_outbound=False)


def clients_group(scope: Construct, name: str, vpc: IVpc) -> SecurityGroup:
    """What a function joins to reach the database; besides, it may call AWS and others by HTTPS."""
    group = private_group(scope, name, vpc, "Functions that use the database")
    group.add_egress_rule(Peer.any_ipv4(), Port.HTTPS, "AWS and other services")
    return group
