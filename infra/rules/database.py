"""The way to the database: by TLS with a verified server, by IAM and never by password."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding
from infra.rules.rule import Rule

CLUSTER, INSTANCE, PROXY = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::DBProxy"
GROUP = "AWS::RDS::DBClusterParameterGroup"
_PASSWORDS = {"MasterUserPassword", "ManageMasterUserPassword", "MasterUserSecret"}
_SILENT = {"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0"}
_AUTHORITY = "rds-ca-rsa2048-g1"
"""Whose certificates stand in layers/freehold/database/amazon.pem."""


def _unverified(deployed: Deployment) -> Iterator[Finding]:
    for parameter in deployed.every("AWS::SSM::Parameter"):
        conninfo = parameter.said("Name").endswith("conninfo")
        if conninfo and "sslmode=verify-full" not in parameter.said("Value").split():
            yield parameter.found()


def _takes_plain_text(deployed: Deployment) -> Iterator[Finding]:
    for group in deployed.every(GROUP):
        if group.said("Parameters", "rds.force_ssl") != "1":
            yield group.found()


def _lets_plain_text_through(deployed: Deployment) -> Iterator[Finding]:
    return (proxy.found() for proxy in deployed.every(PROXY) if proxy.properties.get("RequireTLS") is not True)


def _by_password(deployed: Deployment) -> Iterator[Finding]:
    for cluster in deployed.every(CLUSTER):
        given = cluster.properties
        by_identity = given.get("EnableIAMDatabaseAuthentication") is True
        if not by_identity or given.get("MasterUserAuthenticationType") != "iam-db-auth" or given.keys() & _PASSWORDS:
            yield cluster.found()


def _proxy_by_password(deployed: Deployment) -> Iterator[Finding]:
    for proxy in deployed.every(PROXY):
        if proxy.said("DefaultAuthScheme") != "IAM_AUTH" or proxy.properties.get("Auth"):
            yield proxy.found()


def _unmeasured(deployed: Deployment) -> Iterator[Finding]:
    for each in deployed.every(CLUSTER, INSTANCE):
        enabled = each.properties.get("PerformanceInsightsEnabled", each.properties.get("EnablePerformanceInsights"))
        if enabled is not True:
            yield each.found()


def _talkative(deployed: Deployment) -> Iterator[Finding]:
    for group in deployed.every(GROUP):
        if any(group.said("Parameters", name) != value for name, value in _SILENT.items()):
            yield group.found()


def _unknown_authority(deployed: Deployment) -> Iterator[Finding]:
    for instance in deployed.every(INSTANCE):
        if instance.said("CACertificateIdentifier") != _AUTHORITY:
            yield instance.found()


def _sleepless(deployed: Deployment) -> Iterator[Finding]:
    sleeps = any(
        c.properties.get("ServerlessV2ScalingConfiguration", {}).get("MinCapacity") == 0
        for c in deployed.every(CLUSTER)
    )
    yield from (proxy.found() for proxy in deployed.every(PROXY) if sleeps)


RULES = (
    Rule(
        name="clients-verify-the-server",
        says="Every conninfo says sslmode=verify-full, or whoever is in between is believed to be the database: say "
        "it.",
        find=_unverified,
    ),
    Rule(
        name="databases-refuse-plain-text",
        says="A cluster refuses connections without TLS: set rds.force_ssl to 1 in its parameters.",
        find=_takes_plain_text,
    ),
    Rule(
        name="proxies-refuse-plain-text",
        says="A proxy refuses connections without TLS: set RequireTLS.",
        find=_lets_plain_text_through,
    ),
    Rule(
        name="databases-know-no-passwords",
        says="Everybody logs in to a cluster by IAM, the administrator too: enable it, and give it no password.",
        find=_by_password,
    ),
    Rule(
        name="proxies-know-no-passwords",
        says="A proxy takes and shows IAM's identities alone: set DefaultAuthScheme to IAM_AUTH, and give it no "
        "secrets.",
        find=_proxy_by_password,
    ),
    Rule(
        name="databases-are-measured",
        says="On a bad day somebody has to see which statement waits for what: enable Performance Insights.",
        find=_unmeasured,
    ),
    Rule(
        name="databases-log-no-values",
        says="Parameters of statements are people's data and keys, and stay out of the log: set both lengths to 0.",
        find=_talkative,
    ),
    Rule(
        name="servers-are-signed-by-whom-clients-know",
        says=f"Clients trust {_AUTHORITY} alone, so a server of another authority answers nobody: set its certificate.",
        find=_unknown_authority,
    ),
    Rule(
        name="databases-that-sleep-have-no-proxy",
        says="A proxy keeps a database awake that could sleep, and bills for it: give the stage either.",
        find=_sleepless,
    ),
)
