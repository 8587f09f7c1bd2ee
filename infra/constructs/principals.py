"""Who may take on a role or send here: a service of AWS's, and it only where it acts for this account."""

from aws_cdk import Aws
from aws_cdk.aws_iam import ServicePrincipal


def service(name: str) -> ServicePrincipal:
    """The one of that name, without its domain: `scheduler`. For others' accounts it gets nothing."""
    conditions = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    return ServicePrincipal(f"{name}.amazonaws.com", conditions=conditions)
