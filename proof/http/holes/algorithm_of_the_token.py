"""A token may name the algorithm, and with HS256 the issuer's public key is the secret."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_decode

from freehold.identity.jwks import Keys
from freehold.identity.service import Verifier
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(
    routes=("GET /v1/tenant",), families=("routes",), principals=("the token of B's owner signed with the public key",)
)


@contextmanager
def plant() -> Iterator[None]:
    """One function that takes any key and any algorithm."""
    honest = Verifier._decode  # noqa: SLF001 (a mistake inside the verifier)

    def decode(self: Verifier, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        if header["alg"] != "HS256":
            return honest(self, token)
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        key = Keys(claims["iss"]).get(header["kid"])
        signed, _, signature = token.rpartition(".")
        secret = key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) if key else b""
        if hmac.digest(secret, signed.encode(), hashlib.sha256) != base64url_decode(signature):
            raise jwt.InvalidSignatureError
        return claims

    with replaced(Verifier, "_decode", decode):
        yield
