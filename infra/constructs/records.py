"""Names in the DNS: written to the founder's zone where one was given, else told, for a person to write."""

from aws_cdk import CfnOutput
from aws_cdk.aws_route53 import CfnRecordSet
from constructs import Construct


def lead(  # noqa: PLR0913 (what a record says, by name)
    scope: Construct, name: str, *, to: str, of: str, zone: str, kinds: tuple[str, ...]
) -> None:
    """Let the name lead to an address of AWS's; `of` is the hosted zone in which AWS keeps that one."""
    if not zone:
        CfnOutput(scope, "Told", value=name).override_logical_id("DomainName")
        CfnOutput(scope, "Target", value=to).override_logical_id("DomainTarget")
        return
    target = CfnRecordSet.AliasTargetProperty(dns_name=to, hosted_zone_id=of)
    for kind in kinds:
        CfnRecordSet(scope, f"Record{kind}", hosted_zone_id=zone, name=name, type=kind, alias_target=target)
