"""How a function reaches the database, and all that IAM has to allow for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk.aws_iam import Effect, PolicyStatement
from aws_cdk.aws_lambda import CfnFunction
from constructs import Construct

from functions.declaration import DatabaseRole
from infra.constructs.logins import login_arn
from infra.constructs.parameters import POOL, Parameter, read_parameter
from infra.stage import Stage

type Permissions = Mapping[str, Sequence[PolicyStatement]]
"""By the name of the policy."""

_INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]
"""What Lambda does in a function's name to connect it to the network. Half of it cannot be narrowed to a resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAccess:
    """A way in, as parameters that are read when the stack is deployed."""

    conninfo: str
    logins: Sequence[str]
    """What IAM calls the database roles that may be logged in as."""
    subnets: Sequence[str]
    clients: str
    """The security group to join."""

    @property
    def address(self) -> str:
        """What a version of the function keeps of it, in less than the 256 characters that a description has.

        One subnet stands for all: they are made together, and how many there are the function itself says.
        """
        return f"{self.conninfo} {self.clients} {self.subnets[0]}"

    @property
    def network(self) -> CfnFunction.VpcConfigProperty:
        """Where the function has to be."""
        return CfnFunction.VpcConfigProperty(subnet_ids=self.subnets, security_group_ids=[self.clients])

    def permissions(self, function_arn: str) -> Permissions:
        """May log in as those roles. Lambda may connect the function to the network, the function's own code not."""
        own_code = {"ArnEquals": {"lambda:SourceFunctionArn": function_arn}}
        return {
            "LogIn": [PolicyStatement(actions=["rds-db:connect"], resources=[*self.logins])],
            "JoinNetwork": [
                PolicyStatement(actions=_INTERFACES, resources=["*"]),
                PolicyStatement(effect=Effect.DENY, actions=_INTERFACES, resources=["*"], conditions=own_code),
            ],
        }


def entrance(scope: Construct, stage: Stage, *roles: DatabaseRole) -> DatabaseAccess:
    """For requests and workers: the proxy, where the stage has one."""
    return _access(scope, stage, roles, conninfo="cell/conninfo", resource="cell/resource")


def writer(scope: Construct, stage: Stage, *roles: str, cell: str = POOL) -> DatabaseAccess:
    """For migrations: they need a session to themselves, which a proxy shares."""
    return _access(scope, stage, roles, conninfo="cell/writer/conninfo", resource="cell/writer/resource", cell=cell)


def _access(  # noqa: PLR0913 (by name: which way into which cell)
    scope: Construct,
    stage: Stage,
    roles: Iterable[str],
    *,
    conninfo: Parameter,
    resource: Parameter,
    cell: str = POOL,
) -> DatabaseAccess:
    which = read_parameter(scope, stage, resource, cell=cell)
    return DatabaseAccess(
        conninfo=read_parameter(scope, stage, conninfo, cell=cell),
        logins=[login_arn(scope, which, f"freehold_{role}") for role in roles],
        subnets=Fn.split(",", read_parameter(scope, stage, "network/subnets"), stage.zones),
        clients=read_parameter(scope, stage, "cell/clients", cell=cell),
    )
