"""Who asks where CloudFront stands in between: to API Gateway, every request comes from CloudFront then.

What CloudFront says of the client is a header, which anybody can send. It counts only where API Gateway itself has seen
CloudFront's certificate in the handshake: that stands in the gateway's own words about the request, which no client
writes. Nobody else is answered there (docs/edge.md); this does not lean on that.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

EDGE = "CN=freehold-edge"
"""Whom the certificate is made out to."""

ADDRESS, HOST = "freehold-viewer-address", "freehold-viewer-host"
"""Headers that CloudFront overwrites, whatever a client sends under these names."""

_HOST = re.compile(r"[a-z0-9.-]{1,253}")


def address_of(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """The network address of whoever asks; CloudFront's own where it says nothing that is one."""
    seen = str(context["http"].get("sourceIp", ""))
    if not _by_the_edge(context):
        return seen
    try:
        return str(ip_address(headers.get(ADDRESS, "")))
    except ValueError:
        return seen


def host_of(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """The name under which the client knows the API."""
    told = headers.get(HOST, "")
    if _by_the_edge(context) and _HOST.fullmatch(told):
        return told
    return str(context["domainName"])


def _by_the_edge(context: Mapping[str, Any]) -> bool:
    shown = context.get("authentication") or {}
    certificate = shown.get("clientCert") or {}
    return bool(certificate.get("subjectDN") == EDGE)
