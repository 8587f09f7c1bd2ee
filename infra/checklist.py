"""What only a person can give before a stage can be deployed, each asked for by itself.

A check looks and changes nothing. What is missing comes with the command that gives it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from email.utils import parseaddr
from pathlib import Path
from types import MappingProxyType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.x509 import Certificate, load_pem_x509_certificates

from infra.account import Account, Fetch, Finding, Later, Missing
from infra.stage import Instance

_TRUSTED = Path(__file__).resolve().parents[1] / "layers/freehold/database/amazon.pem"
_PUBLISHED = "https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
_SECONDS_A_REQUEST = 0.1
"""How long a request keeps a function busy, roughly; what the account's limit is compared with."""
_LOG_IN = "aws sso login   # the first time: aws configure sso && export AWS_PROFILE=…, a role that may deploy"
_PUBLIC_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
_WITHOUT_PROXY = {"use1-az3"}
"""Zones, by the id that means the same in every account, in which RDS Proxy cannot be."""
_ZONES = 2
_UNRESERVED = 100
"""Executions that Lambda keeps for functions that reserve none, where others are kept warm."""


type Check = Callable[[Account], str]
"""What it found, in a few words. Raises Missing."""


def findings(account: Account, also: Mapping[str, Check] = MappingProxyType({})) -> Iterator[Finding]:
    """One after the other, as each is answered. Without the first two there is nothing to look at."""
    first = [_finding(name, check, account) for name, check in FIRST.items()]
    yield from first
    for name, check in {**CHECKS, **also}.items():
        if all(finding.ok for finding in first):
            yield _finding(name, check, account)
        else:
            yield Finding(check=name, ok=False, found="not looked at before that")


def _finding(name: str, check: Check, account: Account) -> Finding:
    try:
        return Finding(check=name, ok=True, found=check(account))
    except Missing as missing:
        return Finding(check=name, ok=False, found=missing.found, do=missing.do, warns=isinstance(missing, Later))
    except ClientError as error:
        return Finding(check=name, ok=False, found=str(error), do="give whoever deploys the right to look at this")
    except (BotoCoreError, OSError, ValueError) as error:
        return Finding(check=name, ok=False, found=str(error), do="mend this, then run the checklist again")


def region(account: Account) -> str:
    """Where it will live."""
    return account.region


def credentials(account: Account) -> str:
    """Who deploys."""
    try:
        return f"account {account.identity['account']} as {account.identity['arn'].rpartition(':')[2]}"
    except (BotoCoreError, ClientError) as error:
        raise Missing(str(error), _LOG_IN) from error


def bootstrap(account: Account) -> str:
    """Where the CDK CLI puts packages."""
    if version := account.parameter(BOOTSTRAP):
        return f"version {version}"
    where = f"aws://{account.identity['account']}/{account.region}"
    raise Missing("the CDK has never deployed here", f".venv/bin/python -m infra.cdk_cli bootstrap {where}")


def identity_provider(account: Account) -> str:
    """Whose access tokens are accepted."""
    name = f"/freehold/{account.stage.name}/identity/issuers"
    example = '[{"issuer": "https://…", "audience": "…"}]'
    do = f"aws ssm put-parameter --type String --overwrite --name {name} --value '{example}'"
    if (value := account.parameter(name)) is None:
        raise Missing(f"{name} is not written", do)
    issuers = _issuers(value)
    if not issuers:
        raise Missing(f"{name} is not a list like {example}", do)
    for issuer in issuers:
        _require_discovery(issuer, account.fetch, do)
    return ", ".join(issuers)


def certificates(account: Account) -> str:
    """That the roots which functions trust are those that AWS publishes."""
    name, address = f"Amazon RDS {account.region} Root CA RSA2048 G1", _PUBLISHED.format(region=account.region)
    try:
        published = _named(account.fetch(address), name)
    except OSError as error:
        raise Missing(f"{address} does not answer: {error}", "look from where the internet is in reach") from error
    if not published:
        raise Missing(f"{address} holds no {name}", "choose another authority in infra/constructs/cluster.py")
    if not published <= _named(_TRUSTED.read_bytes(), name):
        raise Missing(f"{name} is not trusted", f"curl {address} >> {_TRUSTED.relative_to(_TRUSTED.parents[3])}")
    return f"{name}, as published"


def engine(account: Account) -> str:
    """That the region has the database that the stage names."""
    cell = account.stage.cell
    size = f"db.{cell.compute.type}" if isinstance(cell.compute, Instance) else "db.serverless"
    wanted = f"Aurora PostgreSQL {cell.engine} on {size}"
    offered = account.session.client("rds", region_name=account.region).describe_orderable_db_instance_options(
        Engine="aurora-postgresql", EngineVersion=cell.engine, DBInstanceClass=size
    )["OrderableDBInstanceOptions"]
    if not offered:
        raise Missing(f"{account.region} does not offer {wanted}", "choose another engine or compute in infra/stage.py")
    return wanted


def zones(account: Account) -> str:
    """That the proxy can be in the two zones that the network takes: the first ones by name."""
    answer = account.session.client("ec2", region_name=account.region).describe_availability_zones()
    taken = sorted(answer["AvailabilityZones"], key=lambda zone: zone["ZoneName"])[:_ZONES]
    ids = [zone["ZoneId"] for zone in taken]
    if account.stage.cell.proxy and (excluded := _WITHOUT_PROXY & set(ids)):
        raise Missing(f"RDS Proxy cannot be in {', '.join(excluded)}, one of the first two", "choose another region")
    return ", ".join(ids)


def concurrency(account: Account) -> str:
    """That the account may run as many functions at once as the stage lets in: a new account may run ten."""
    limits = account.session.client("lambda", region_name=account.region).get_account_settings()["AccountLimit"]
    needed = round(account.stage.requests_per_second * _SECONDS_A_REQUEST) + (_UNRESERVED if account.stage.warm else 0)
    allowed = limits["ConcurrentExecutions"]
    if allowed < needed:
        ask = "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384"
        raise Missing(f"{allowed} functions at once, and {needed} are needed", f"{ask} --desired-value 1000")
    return f"{allowed} functions at once, {needed} are needed"


def mail_sender(account: Account) -> str:
    """Whose name is on the e-mails, and that SES lets us use it."""
    name = f"/freehold/{account.stage.name}/mail/from"
    do = f"aws ssm put-parameter --type String --overwrite --name {name} --value 'Acme <no-reply@acme.com>'"
    if (value := account.parameter(name)) is None:
        raise Missing(f"{name} is not written", do)
    address = parseaddr(value)[1]
    domain = address.rpartition("@")[2]
    if "@" not in address:
        raise Missing(f"{name} is not a sender like Acme <no-reply@acme.com>", do)
    if not any(_may_send(account, identity) for identity in (address, domain)):
        raise Missing(f"SES may not send as {address}", f"aws sesv2 create-email-identity --email-identity {domain}")
    return value


def public_url(account: Account) -> str:
    """Where the links of e-mails lead."""
    name = f"/freehold/{account.stage.name}/mail/public-url"
    do = f"aws ssm put-parameter --type String --overwrite --name {name} --value https://app.acme.com"
    if (value := account.parameter(name)) is None:
        raise Missing(f"{name} is not written", do)
    if not _PUBLIC_URL.fullmatch(value):
        raise Missing(f"{name} is not an address like https://app.acme.com", do)
    return value


def stripe_keys(account: Account) -> str:
    """That somebody has written the keys to Stripe. The keys themselves stay unread: they are nobody's who deploys."""
    name = f"freehold/{account.stage.name}/stripe"
    secrets = account.session.client("secretsmanager", region_name=account.region)
    try:
        versions = secrets.describe_secret(SecretId=name).get("VersionIdsToStages", {})
    except secrets.exceptions.ResourceNotFoundException:
        versions = {}
    if len(versions) > 1:
        return f"{name} was written"
    consequence = "whatever needs Stripe answers 503 payments_not_set_up"
    raise Later(f"nobody has written {name} yet: {consequence}", "docs/runbooks/stripe.md, once it is deployed")


def _may_send(account: Account, identity: str) -> bool:
    ses = account.session.client("sesv2", region_name=account.region)
    try:
        return ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"]
    except ses.exceptions.NotFoundException:
        return False


FIRST: dict[str, Check] = {"region": region, "credentials": credentials}
CHECKS: dict[str, Check] = {
    "bootstrap": bootstrap,
    "identity provider": identity_provider,
    "certificates": certificates,
    "database": engine,
    "zones": zones,
    "concurrency": concurrency,
    "mail sender": mail_sender,
    "mail links": public_url,
    "Stripe keys": stripe_keys,
}


def _issuers(value: str) -> list[str]:
    """Their addresses; none when any of it is not as the authorizer wants it."""
    try:
        issuers = json.loads(value)
        good = all(_is_an_issuer(issuer) for issuer in issuers)
    except (ValueError, TypeError):
        return []
    return [issuer["issuer"] for issuer in issuers] if good else []


def _is_an_issuer(given: Any) -> bool:  # noqa: ANN401 (whatever the JSON holds)
    match given:
        case {"issuer": str(issuer), "audience": str(), **rest}:
            return issuer.startswith("https://") and not rest
        case _:
            return False


def _require_discovery(issuer: str, fetch: Fetch, do: str) -> None:
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        found = json.loads(fetch(address))["issuer"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Missing(f"{address} is no answer of an identity provider: {error}", do) from error
    if found != issuer:
        raise Missing(f"{address} says that the issuer is {found}", do)


def _named(bundle: bytes, name: str) -> set[Certificate]:
    """The certificates of that subject."""
    return {one for one in load_pem_x509_certificates(bundle) if f"CN={name}" in one.subject.rfc4514_string()}
