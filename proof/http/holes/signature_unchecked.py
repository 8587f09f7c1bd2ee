"""The authorizer reads a token, compares issuer, audience and expiry by hand, and forgets the signature."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt

from freehold.errors import Unauthenticated
from freehold.identity.service import Verifier
from freehold.settings import settings
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(
    routes=("GET /v1/tenant",),
    families=("routes",),
    principals=("the token of B's owner signed with another key", "the token of B's owner with no algorithm"),
)


@contextmanager
def plant() -> Iterator[None]:
    """API Gateway will have checked it, somebody thought."""

    def decode(_self: Verifier, token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        ours = {issuer.issuer: issuer.audience for issuer in settings().issuers}
        if ours.get(claims["iss"]) != claims["aud"] or claims["exp"] < time.time():
            raise Unauthenticated
        return claims

    with replaced(Verifier, "_decode", decode):
        yield
