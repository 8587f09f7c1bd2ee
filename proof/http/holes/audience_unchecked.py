"""The authorizer verifies a token's signature and forgets for whom it was issued."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.identity import service
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenant",), families=("routes",), principals=("a token for another audience",))


@contextmanager
def plant() -> Iterator[None]:
    """Any application of the same provider can then act here."""
    with replaced(service, "_check_audience", lambda _claims, _ours: None):
        yield
