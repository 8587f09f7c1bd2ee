"""Verifies access tokens: signature, issuer, audience and time, with the algorithms pinned and the key's own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jwt
from pydantic import ValidationError

from freehold.errors import IssuerUnavailable
from freehold.identity.jwks import Fetch, Keys, KeysUnavailable, fetch_json
from freehold.identity.keys import Key
from freehold.identity.models import Claims
from freehold.identity.tokens import Unverified, read_token, refused
from freehold.settings import Issuer

LEEWAY = 5  # seconds that two clocks may differ
REQUIRED = ["iss", "sub", "iat", "exp"]
REASONS: Mapping[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.MissingRequiredClaimError: "it lacks a claim that we need: iss, sub, iat, exp",
    jwt.InvalidSignatureError: "its signature is wrong",
}


class Verifier:
    """Accepts the access tokens of the issuers it was given. Keys are never shared between issuers."""

    def __init__(self, issuers: tuple[Issuer, ...], *, fetch: Fetch = fetch_json) -> None:
        self._issuers = {issuer.issuer: (issuer, Keys(issuer.issuer, fetch=fetch)) for issuer in issuers}

    def has_issued(self, token: str) -> bool:
        """Whether it says that it is of one of the issuers. Raises Unauthenticated for one that cannot be read."""
        return read_token(token).issuer in self._issuers

    def verify(self, token: str) -> Claims:
        """What the token says. Raises Unauthenticated with the reason."""
        with _in_sentences():
            return Claims.model_validate(self._decode(token))

    def _decode(self, token: str) -> dict[str, Any]:
        issuer, keys = self._issuers.get(read_token(token).issuer, (None, None))
        if issuer is None or keys is None:
            raise refused("we do not know its issuer")
        return _decoded(token, issuer, keys)


def verified(token: str, issuer: Issuer, keys: Keys) -> Claims:
    """What a token of this issuer says. Raises Unauthenticated with the reason."""
    with _in_sentences():
        return Claims.model_validate(_decoded(token, issuer, keys))


def _decoded(token: str, issuer: Issuer, keys: Keys) -> dict[str, Any]:
    read = read_token(token)
    claims: dict[str, Any] = jwt.decode(
        token,
        _key(keys, read).key,
        algorithms=[read.header["alg"]],
        issuer=issuer.issuer,
        leeway=LEEWAY,
        options={"require": REQUIRED, "verify_aud": False},
    )
    if issuer.audience not in read.audiences:
        raise refused("it was issued for another audience")
    return claims


def _key(keys: Keys, read: Unverified) -> Key:
    """The key that the token names, if it is meant for the algorithm that the token names."""
    try:
        key = keys.get(read.header["kid"])
    except KeysUnavailable as error:
        raise IssuerUnavailable from error
    if key is None:
        raise refused("its issuer does not publish the key it was signed with")
    if read.header.get("alg") not in key.algorithms:
        raise refused("it is signed with an algorithm that we do not accept")
    return key


@contextmanager
def _in_sentences() -> Iterator[None]:
    try:
        yield
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise refused(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"its claim {error.errors()[0]['loc'][0]} cannot be used"
    return next((reason for kind, reason in REASONS.items() if isinstance(error, kind)), "it cannot be read")
