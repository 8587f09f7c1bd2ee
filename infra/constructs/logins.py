"""What IAM calls the roles of a database."""

from aws_cdk import ArnFormat, Stack
from constructs import Construct


def login_arn(scope: Construct, resource: str, role: str) -> str:
    """Of one role, at a cluster or proxy that is named by its resource id (`cluster-…`, `prx-…`)."""
    return Stack.of(scope).format_arn(
        service="rds-db",
        resource="dbuser",
        resource_name=f"{resource}/{role}",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
