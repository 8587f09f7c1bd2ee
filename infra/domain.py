"""The name that a stage answers to, where a founder has given it one: `domains` in cdk.json."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.errors import SynthesisError
from infra.stage import STAGES, Stage

EDGE_REGION = "us-east-1"
"""Where CloudFront looks for certificates, and where a firewall for it has to be."""

EDGE_SUBJECT = "CN=freehold-edge"
"""Whom CloudFront's own certificate is made out to; `freehold.http.viewer` believes nobody else."""

_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:(?P<region>[a-z0-9-]+):[0-9]{12}:certificate/[0-9a-f-]{36}")
_ZONE = re.compile(r"Z[A-Z0-9]{5,31}")
_TRUSTSTORE = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/-]+")

_DOMAIN = ("name", "certificate")
_EDGE = ("origin", "certificate", "client", "truststore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What CloudFront needs to stand before the API, and to be the only one that reaches it."""

    origin: str
    """The name at which CloudFront finds the API; nobody else is answered there."""
    certificate: str
    """ARN in us-east-1, for the domain's name."""
    client: str
    """ARN in us-east-1 of the certificate that CloudFront shows to the API."""
    truststore: str
    """Where in S3 the authority lies that has signed that one, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A name of the founder's own, in place of the one that API Gateway makes up."""

    name: str
    certificate: str
    """ARN in the stage's region, for the name; behind an edge, for its origin."""
    zone: str = ""
    """The hosted zone of Route 53 that the records go to; where it is empty, a person writes them."""
    edge: Edge | None = None

    @property
    def at_gateway(self) -> str:
        """The name under which API Gateway itself answers."""
        return self.edge.origin if self.edge else self.name


def read_domain(given: object, stage: Stage) -> Domain | None:
    """Of this stage, None where it has none. Raises SynthesisError."""
    domains = _object("domains", given)
    if unknown := domains.keys() - STAGES.keys():
        raise SynthesisError(f"domains names no stage with {min(unknown)!r}: choose of {', '.join(STAGES)}.")
    if stage.name not in domains:
        return None
    where = f"domains.{stage.name}"
    found = _fields(where, domains[stage.name], _DOMAIN, optional=("zone", "edge"))
    edge = _read_edge(f"{where}.edge", found.get("edge"), stage)
    domain = Domain(
        name=_matching(f"{where}.name", found["name"], _NAME, "a name in lower case, as api.acme.com"),
        certificate=_certificate(f"{where}.certificate", found["certificate"]),
        zone=_matching(f"{where}.zone", found["zone"], _ZONE, "the id of a hosted zone") if "zone" in found else "",
        edge=edge,
    )
    if edge and edge.origin == domain.name:
        raise SynthesisError(
            f"{where}.edge.origin is {edge.origin} again: CloudFront needs another name to find it by."
        )
    return domain


def _read_edge(where: str, given: object, stage: Stage) -> Edge | None:
    if given is None and not stage.edge:
        return None
    if given is None:
        raise SynthesisError(
            f"{where} is missing: {stage.name} stands behind CloudFront (docs/edge.md says what it needs)."
        )
    if not stage.edge:
        raise SynthesisError(f"{where} is of no use: {stage.name} has no CloudFront. Leave it out.")
    found = _fields(where, given, _EDGE)
    return Edge(
        origin=_matching(f"{where}.origin", found["origin"], _NAME, "a name in lower case, as origin.api.acme.com"),
        certificate=_certificate(f"{where}.certificate", found["certificate"], region=EDGE_REGION),
        client=_certificate(f"{where}.client", found["client"], region=EDGE_REGION),
        truststore=_matching(
            f"{where}.truststore", found["truststore"], _TRUSTSTORE, "a file, as s3://bucket/edge.pem"
        ),
    )


def _object(where: str, given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise SynthesisError(f"{where} is an object, not {given!r}.")
    return cast("dict[str, Any]", dict(given))


def _fields(where: str, given: object, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    found = _object(where, given)
    if missing := [name for name in required if name not in found]:
        raise SynthesisError(f"{where} lacks {' and '.join(missing)}.")
    if unknown := found.keys() - {*required, *optional}:
        raise SynthesisError(f"{where} has no {min(unknown)!r}: it knows {', '.join((*required, *optional))}.")
    return found


def _matching(where: str, given: object, pattern: re.Pattern[str], like: str) -> str:
    if not isinstance(given, str) or not pattern.fullmatch(given):
        raise SynthesisError(f"{where} cannot be {given!r}: it is {like}.")
    return given


def _certificate(where: str, given: object, *, region: str = "") -> str:
    like = f"the ARN of a certificate in {region or 'your region'}, as `aws acm list-certificates` shows it"
    arn = _matching(where, given, _CERTIFICATE, like)
    if region and region_of(arn) != region:
        raise SynthesisError(f"{where} lies in {region_of(arn)}: CloudFront looks in {region} alone.")
    return arn


def region_of(certificate: str) -> str:
    """Where the certificate of this ARN lies."""
    return certificate.split(":")[3]
