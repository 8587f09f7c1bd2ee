"""The operators' function of a deployed stage, asked with the caller's own AWS identity.

The function hears who asks from AWS: a request of sts:GetCallerIdentity goes along, signed here and sent from there.
"""

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.manifest import OPERATORS
from functions.operators.identity import HEADER
from local.errors import LocalError

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_lambda import LambdaClient

_SECONDS = 60


def invoked(stage: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What asks it, in the account and region that the environment names."""
    import boto3  # noqa: PLC0415 (only a deployed stage needs it, and it takes its time)

    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    function = f"freehold-{stage}-{OPERATORS.name}"

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        try:
            return _invoke(session.client("lambda"), function, {**question, "proof": proof(session, function)})
        except (BotoCoreError, ClientError) as error:
            raise LocalError(f"{function} could not be asked: {error}") from error

    return ask


def proof(session: "boto3.Session", function: str) -> str:
    """A request that says who signed it, to AWS alone and for this function alone."""
    client = session.client("sts", endpoint_url=f"https://sts.{session.region_name}.amazonaws.com")
    client.meta.events.register(
        "before-sign.sts.GetCallerIdentity",
        lambda request, **_: request.headers.add_header(HEADER, function),
    )
    return client.generate_presigned_url("get_caller_identity", ExpiresIn=_SECONDS, HttpMethod="GET")


def _invoke(client: "LambdaClient", function: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = client.invoke(FunctionName=f"{function}:live", Payload=json.dumps(event))
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    if problem := said.get("errorMessage"):
        raise LocalError(f"{function} failed: {problem}")
    return said
