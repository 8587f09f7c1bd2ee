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
    "cell/pool/clients",
    "cell/pool/conninfo",
    "cell/pool/resource",
    "cell/pool/reader/conninfo",
    "cell/pool/writer/conninfo",
    "cell/pool/writer/resource",
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
"""Subnets are two ids with a comma between them, queues a JSON object from purpose to URL, stripe and telemetry the ARN
of a secret. A person writes `mail/from`, `mail/public-url` and `identity/issuers`, and `make deploy` the digests."""


def write_parameter(scope: Construct, stage: Stage, name: Parameter, value: str) -> None:
    """Leave it for the stacks that are deployed after this one."""
    identifier = "".join(part.title() for part in name.replace("-", "/").split("/"))
    StringParameter(scope, identifier, parameter_name=_path(stage, name), string_value=value)


def read_parameter(scope: Construct, stage: Stage, name: Parameter) -> str:
    """Its value when the stack is deployed, so that neither synthesis nor a request waits for it."""
    return StringParameter.value_for_string_parameter(scope, _path(stage, name))


def _path(stage: Stage, name: Parameter) -> str:
    return f"/freehold/{stage.name}/{name}"
