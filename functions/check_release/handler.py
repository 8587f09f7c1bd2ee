"""What CodeDeploy calls before a new version gets its first request; without a yes it goes back by itself.

It calls the new version itself, which no alias leads to yet, and has it enter its database.
Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

import json
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config

from freehold.observability import logger
from freehold.releases import ASKED

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_lambda import LambdaClient

PATIENT = Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2})
"""A cold start and a database that was asleep, twice."""
DEPLOY: "CodeDeployClient" = boto3.client("codedeploy")
LAMBDA: "LambdaClient" = boto3.client("lambda", config=PATIENT)


def handler(event: dict[str, Any], _context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Say yes or no, whatever happens: a hook that says nothing holds the deployment up for an hour."""
    deployment = event["DeploymentId"]
    status: Literal["Succeeded", "Failed"] = "Failed"
    try:
        status = "Succeeded" if _all_reach_their_database(deployment) else "Failed"
    except Exception:  # noqa: BLE001 (whatever stood in the way, nobody knows that the version is good)
        logger.exception("release not checked", deployment=deployment)
    DEPLOY.put_lifecycle_event_hook_execution_status(
        deploymentId=deployment, lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"], status=status
    )


def _all_reach_their_database(deployment: str) -> bool:
    targets = DEPLOY.list_deployment_targets(deploymentId=deployment)["targetIds"]
    found = DEPLOY.batch_get_deployment_targets(deploymentId=deployment, targetIds=targets)["deploymentTargets"]
    released = [target["lambdaTarget"]["lambdaFunctionInfo"] for target in found]
    return bool(released) and all(_reaches(each["functionName"], each["targetVersion"]) for each in released)


def _reaches(function: str, version: str) -> bool:
    payload = json.dumps({ASKED: version}).encode()
    answer = LAMBDA.invoke(FunctionName=function, Qualifier=version, Payload=payload)
    said: Any = json.loads(answer["Payload"].read() or b"null")
    good = not answer.get("FunctionError") and isinstance(said, dict) and "checked" in said
    logger.info("release checked", checked=function, target=version, good=good, answer=said)
    return good
