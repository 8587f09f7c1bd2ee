"""Deploy a synthesized stack into the emulator, as `cdk deploy` would: assets first, then the template."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local import aws
from local.emulator import ASSETS_BUCKET, Emulator
from local.errors import LocalError
from local.template import for_laptop

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_s3 import S3Client

_DEPLOY_SECONDS = 300
_EPOCH = (1980, 1, 1, 0, 0, 0)  # what CDK writes too: the same content is the same zip


def deploy(
    emulator: Emulator,
    out: Path,
    stack: str,
    *,
    function_host: str | None = None,
    told: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Create the stack, or update it where it exists; its outputs by name. `told` is what each function is told too."""
    target = aws.at(emulator.endpoint)
    s3 = aws.session().client("s3", **target)
    _upload_assets(s3, out, stack)
    synthesized = json.loads((out / f"{stack}.template.json").read_text())
    template = for_laptop(synthesized, function_host=function_host, told=told)
    key = f"{stack}.json"
    s3.put_object(Bucket=ASSETS_BUCKET, Key=key, Body=json.dumps(template).encode())
    cloudformation = aws.session().client("cloudformation", **target)
    _submit(cloudformation, stack, f"{emulator.endpoint}/{ASSETS_BUCKET}/{key}")
    return _outputs(_wait(cloudformation, stack))


def _upload_assets(s3: "S3Client", out: Path, stack: str) -> None:
    files: dict[str, dict[str, Any]] = json.loads((out / f"{stack}.assets.json").read_text())["files"]
    for asset in files.values():
        path, key = out / asset["source"]["path"], next(iter(asset["destinations"].values()))["objectKey"]
        body = zipped(path) if asset["source"]["packaging"] == "zip" else path.read_bytes()
        s3.put_object(Bucket=ASSETS_BUCKET, Key=key, Body=body)


def zipped(folder: Path) -> bytes:
    """The folder as Lambda receives it. Stored, not compressed: it travels over loopback."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), _EPOCH)
            entry.external_attr = (path.stat().st_mode & 0xFFFF) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _submit(cloudformation: "CloudFormationClient", stack: str, url: str) -> None:
    change: Callable[..., object] = cloudformation.create_stack
    if _exists(cloudformation, stack):
        change = cloudformation.update_stack
    try:
        change(StackName=stack, TemplateURL=url, Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"])
    except ClientError as error:
        reason = error.response["Error"]["Message"]
        if reason != "No updates are to be performed.":
            raise LocalError(f"The emulator refuses the stack {stack}: {reason}") from None


def _exists(cloudformation: "CloudFormationClient", stack: str) -> bool:
    try:
        cloudformation.describe_stacks(StackName=stack)
    except ClientError:
        return False
    return True


def _wait(cloudformation: "CloudFormationClient", stack: str) -> "StackTypeDef":
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while "IN_PROGRESS" in (state := cloudformation.describe_stacks(StackName=stack)["Stacks"][0])["StackStatus"]:
        if time.monotonic() > deadline:
            raise LocalError(f"The stack {stack} is still {state['StackStatus']} after {_DEPLOY_SECONDS} s.")
        time.sleep(0.05)
    if state["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise LocalError(f"The stack {stack} did not deploy: {_reasons(cloudformation, stack)}")
    return state


def _reasons(cloudformation: "CloudFormationClient", stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [event for event in reversed(events) if "FAILED" in event.get("ResourceStatus", "")]
    return "; ".join(
        f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason', 'no reason given')}" for event in failed
    )


def _outputs(state: "StackTypeDef") -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in state.get("Outputs", [])}
