"""What one stack tells another: SSM parameters, `/freehold/<stage>/<name>`, read when a stack is deployed.

No stack imports another's outputs. So each deploys alone, and on a laptop the same names hold the laptop's database.
"""

from typing import Literal

from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from infra.stage import Stage

type Parameter = Literal[
    "network/vpc",
    "network/subnets",
    "network/database-subnets",
    "network/ways-out",
    "cell/clients",
    "cell/conninfo",
    "cell/resource",
    "cell/reader/conninfo",
    "cell/writer/conninfo",
    "cell/writer/resource",
    "delivery/role",
    "gateway/api",
    "messaging/bus",
    "messaging/queues",
    "messaging/files",
    "messaging/anchors",
    "messaging/stripe",
    "messaging/telemetry",
    "messaging/digest",
    "mail/from",
    "mail/public-url",
    "mail/digest",
    "identity/issuers",
    "identity/issuers-digest",
]
"""Subnets and ways out are ids with a comma between them, queues a JSON object from purpose to URL, stripe and
telemetry the ARN of a secret. A person writes `mail/from`, `mail/public-url` and `identity/issuers`, and `make deploy`
the digests."""


POOL = "pool"
"""The cell that every tenant starts in. Others are silos, for one or few large tenants."""


def cluster_name(stage: Stage, cell: str) -> str:
    """Of a cell's database, as RDS knows it."""
    return f"freehold-{stage.name}-{cell}"


def suffix(cell: str) -> str:
    """Behind the names of what a silo has of its own; the pool's are without."""
    return "" if cell == POOL else f"-{cell}"


def write_parameter(scope: Construct, stage: Stage, name: Parameter, value: str, *, cell: str = POOL) -> None:
    """Leave it for the stacks that are deployed after this one."""
    identifier = "".join(part.title() for part in _name(name, cell).replace("-", "/").split("/"))
    StringParameter(scope, identifier, parameter_name=_path(stage, name, cell), string_value=value)


def read_parameter(scope: Construct, stage: Stage, name: Parameter, *, cell: str = POOL) -> str:
    """Its value when the stack is deployed, so that neither synthesis nor a request waits for it."""
    return StringParameter.value_for_string_parameter(scope, _path(stage, name, cell))


def _path(stage: Stage, name: Parameter, cell: str) -> str:
    return f"/freehold/{stage.name}/{_name(name, cell)}"


def _name(name: Parameter, cell: str) -> str:
    """What a cell says of itself stands below the cell's own name."""
    return name.replace("cell/", f"cell/{cell}/", 1) if name.startswith("cell/") else name
