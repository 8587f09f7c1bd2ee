"""A product of one function, for tests of the machinery around it: its handler, its template, its assets."""

import json
from pathlib import Path

STACK = "tiny"

HANDLER = """
import json, os

def handler(event, context):
    print(json.dumps({"level": "INFO", "function_name": "hello", "message": "called"}))
    body = {"text": "first", "path": event["rawPath"], "setting": os.environ["FREEHOLD_SETTING"]}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
"""


def write_handler(root: Path, text: str = HANDLER) -> Path:
    """The working tree with its one function."""
    handler = root / "functions" / "hello" / "handler.py"
    handler.parent.mkdir(parents=True, exist_ok=True)
    (root / "functions" / "__init__.py").touch()
    handler.write_text(text)
    return handler


def write_stack(root: Path, *, setting: str = "one", extra: dict | None = None) -> Path:
    """The folder that a synthesis would leave."""
    out = root / "cdk.out"
    out.mkdir(exist_ok=True)
    template = {"Resources": _resources(setting) | (extra or {}), "Outputs": {"Setting": {"Value": setting}}}
    (out / f"{STACK}.template.json").write_text(json.dumps(template))
    asset = {
        "source": {"path": str(root / "code"), "packaging": "zip"},
        "destinations": {"here": {"objectKey": "a.zip"}},
    }
    (out / f"{STACK}.assets.json").write_text(json.dumps({"files": {"a": asset}}))
    write_handler(root / "code")
    return out


def _resources(setting: str) -> dict:
    code = {"S3Bucket": "cdk-hnb659fds-assets-000000000000-us-east-1", "S3Key": "a.zip"}
    uri = {"Fn::GetAtt": ["Hello", "Arn"]}
    integration = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": uri}
    return {
        "Role": _resource("AWS::IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": []}),
        "Hello": _resource(
            "AWS::Lambda::Function",
            Code=code,
            Handler="functions.hello.handler.handler",
            Runtime="python3.13",
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Timeout=5,
            Environment={"Variables": {"FREEHOLD_SETTING": setting}},
        ),
        "Api": _resource("AWS::ApiGatewayV2::Api", Name="tiny", ProtocolType="HTTP"),
        "Stage": _resource("AWS::ApiGatewayV2::Stage", ApiId={"Ref": "Api"}, StageName="$default", AutoDeploy=True),
        "Integration": _resource("AWS::ApiGatewayV2::Integration", ApiId={"Ref": "Api"}, **integration),
        "Route": _resource(
            "AWS::ApiGatewayV2::Route",
            ApiId={"Ref": "Api"},
            RouteKey="GET /health",
            Target={"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
        ),
    }


def _resource(kind: str, **properties: object) -> dict:
    return {"Type": kind, "Properties": properties}
