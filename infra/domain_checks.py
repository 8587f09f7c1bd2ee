"""What the checklist asks about a domain of the founder's own, and about what stands before it."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.account import Account, Missing
from infra.checklist import BOOTSTRAP, Check
from infra.domain import EDGE_REGION, EDGE_SUBJECT, Domain, Edge, region_of
from infra.stage import Stage

_RUNBOOK = "docs/runbooks/first-deployment.md goes through it: “A domain of your own”"
_SHOWS_ITSELF = "TLS_WEB_CLIENT_AUTHENTICATION"
_NOT_FOUND = "404"


def domain_checks(stage: Stage, domain: Domain | None) -> Mapping[str, Check]:
    """By their names; none for a stage that needs no domain and has none."""
    if domain is None:
        return {"domain": _needed} if stage.edge else {}
    checks: dict[str, Check] = {
        "certificate": lambda account: certificate(account, domain.certificate, account.region, domain.at_gateway)
    }
    if edge := domain.edge:
        checks |= {
            "edge bootstrap": edge_bootstrap,
            "edge certificate": lambda account: certificate(account, edge.certificate, EDGE_REGION, domain.name),
            "edge client": lambda account: client(account, edge),
            "edge trust store": lambda account: truststore(account, edge),
        }
    return checks


def _needed(account: Account) -> str:
    name = account.stage.name
    raise Missing(
        f"{name} stands behind CloudFront, which needs a name of yours", f"domains.{name} in cdk.json; {_RUNBOOK}"
    )


def certificate(account: Account, arn: str, region: str, name: str) -> str:
    """That it lies where it is looked for, is issued, and is for the name. Raises Missing."""
    if region_of(arn) != region:
        raise Missing(f"it lies in {region_of(arn)}, and {region} is where it is looked for", _request(name, region))
    found = _described(account, arn, region, _request(name, region))
    if (status := found["Status"]) != "ISSUED":
        raise Missing(f"it is {status}", f"aws acm describe-certificate --region {region} --certificate-arn {arn}")
    names = found.get("SubjectAlternativeNames") or [found["DomainName"]]
    if not any(_covers(covering, name) for covering in names):
        raise Missing(f"it is for {', '.join(names)}, not for {name}", _request(name, region))
    return f"for {name}"


def edge_bootstrap(account: Account) -> str:
    """That the CDK can deploy to the region of CloudFront's firewall. Raises Missing."""
    ssm = account.session.client("ssm", region_name=EDGE_REGION)
    try:
        return f"version {ssm.get_parameter(Name=BOOTSTRAP)['Parameter']['Value']}"
    except ssm.exceptions.ParameterNotFound:
        where = f"aws://{account.identity['account']}/{EDGE_REGION}"
        do = f".venv/bin/python -m infra.cdk_cli bootstrap {where}"
        raise Missing(f"the CDK has never deployed to {EDGE_REGION}", do) from None


def client(account: Account, edge: Edge) -> str:
    """That what CloudFront shows is made out to it, and for showing. Raises Missing."""
    found = _described(account, edge.client, EDGE_REGION, _RUNBOOK)
    if (subject := found.get("Subject", "")) != EDGE_SUBJECT:
        raise Missing(f"it is made out to {subject}, and nobody but {EDGE_SUBJECT} is believed", _RUNBOOK)
    if found["Status"] != "ISSUED":
        raise Missing(f"it is {found['Status']}", _RUNBOOK)
    if _SHOWS_ITSELF not in [usage.get("Name") for usage in found.get("ExtendedKeyUsages", [])]:
        raise Missing("it may not be used by a client", _RUNBOOK)
    return f"{EDGE_SUBJECT}, until {found['NotAfter']:%Y-%m-%d}"


def truststore(account: Account, edge: Edge) -> str:
    """That the authority lies where API Gateway will read it. Raises Missing."""
    bucket, _, key = edge.truststore.removeprefix("s3://").partition("/")
    try:
        account.session.client("s3", region_name=account.region).head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != _NOT_FOUND:
            raise
        raise Missing(f"{edge.truststore} is not there", f"aws s3 cp edge-authority.pem {edge.truststore}") from None
    return edge.truststore


def _described(account: Account, arn: str, region: str, do: str) -> dict[str, Any]:
    acm: Any = account.session.client("acm", region_name=region)
    try:
        return dict(acm.describe_certificate(CertificateArn=arn)["Certificate"])
    except acm.exceptions.ResourceNotFoundException:
        raise Missing(f"{arn} does not exist", do) from None


def _request(name: str, region: str) -> str:
    return f"aws acm request-certificate --region {region} --validation-method DNS --domain-name {name}"


def _covers(covering: str, name: str) -> bool:
    """A star stands for one label."""
    if covering.startswith("*."):
        return name.partition(".")[2] == covering[2:]
    return covering == name
