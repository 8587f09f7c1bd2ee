"""Clients as they are often written, so that the tests against ours are known to be able to fail."""

import contextlib
import ssl
import urllib.request
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from freehold.webhooks.egress import Resolve

FORBIDDEN = ("localhost", "127.0.0.1", "10.", "192.168.", "169.254.", "[::1]")
TLS = ssl._create_unverified_context()  # noqa: S323, SLF001 (whether it connects is the question)
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=TLS))
WRONG = (OSError, ValueError, HTTPException)


def forbids_some_texts(url: str) -> None:
    """Compares the host with a list, and then follows wherever an answer leads."""
    if any(urlsplit(url).netloc.startswith(text) for text in FORBIDDEN):
        return
    with contextlib.suppress(*WRONG), OPENER.open(url, timeout=2) as answer:
        answer.read()


def judges_the_first_address(url: str, resolve: Resolve) -> None:
    """Asks `is_global` of the first address; its HTTP library resolves again and takes whichever it likes."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not resolve(host)[0].is_global:
        return
    with (
        contextlib.suppress(*WRONG),
        contextlib.closing(HTTPSConnection(str(resolve(host)[-1]), parts.port, timeout=2, context=TLS)) as connection,
    ):
        connection.request("POST", parts.path, b"{}")
