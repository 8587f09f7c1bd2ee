"""API Gateway keeps the authorizer's answer by another header than the one that says who is asking."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local import gateway
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenants",), families=("routes",), principals=("owner of A", "owner of B"))


@contextmanager
def plant() -> Iterator[None]:
    """The identity source in the template is a word off. Signing in is spared, so that everybody of the attack can."""
    kept: dict[str, dict[str, Any]] = {}
    honest = gateway.authorize

    def authorize(event: gateway.Event) -> dict[str, Any]:
        if event["rawPath"].endswith("/sign-ins"):
            return honest(event)
        source = event["headers"]["host"]
        if source not in kept:
            kept[source] = honest(event)
        return kept[source]

    with replaced(gateway, "authorize", authorize):
        yield
