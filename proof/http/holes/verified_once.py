"""A token is verified once, and what it said is kept by all of it but its signature."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.identity.models import Claims
from freehold.identity.service import Verifier
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(
    routes=("GET /v1/tenant",),
    families=("routes",),
    principals=(
        "owner of B",
        "the token of B's owner signed with another key",
        "the token of B's owner with no algorithm",
    ),
)


@contextmanager
def plant() -> Iterator[None]:
    """Whoever saw the claims of somebody can then be them."""
    kept: dict[str, Claims] = {}
    honest = Verifier.verify

    def verify(self: Verifier, token: str) -> Claims:
        said = token.rpartition(".")[0]
        if said not in kept:
            kept[said] = honest(self, token)
        return kept[said]

    with replaced(Verifier, "verify", verify):
        yield
