"""The authorizer verifies a token's signature and forgets for whom it was issued."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.identity.tokens import Unverified
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenant",), families=("routes",), principals=("a token for another audience",))


class _Whoever(list[str]):
    def __contains__(self, _audience: object) -> bool:
        return True


@contextmanager
def plant() -> Iterator[None]:
    """Any application of the same provider can then act here."""
    with replaced(Unverified, "audiences", property(lambda _self: _Whoever())):
        yield
