"""Verifies access tokens: signature, issuer, audience and time, with the algorithms pinned and the key's own."""

from collections.abc import Mapping
from typing import Any

import jwt
from pydantic import ValidationError

from freehold.errors import IssuerUnavailable, Unauthenticated
from freehold.identity.jwks import Fetch, Keys, KeysUnavailable, fetch_json
from freehold.identity.models import Claims
from freehold.settings import Issuer

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
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

    def verify(self, token: str) -> Claims:
        """What the token says. Raises Unauthenticated with the reason."""
        try:
            return Claims.model_validate(self._decode(token))
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _refused(_reason(error)) from error

    def _decode(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        if "crit" in header:
            raise _refused("it uses extensions that we do not know")
        claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
        issuer, keys = self._issuers.get(claimed, (None, None)) if isinstance(claimed, str) else (None, None)
        if issuer is None or keys is None:
            raise _refused("we do not know its issuer")
        claims = jwt.decode(
            token,
            _key(keys, header),
            algorithms=[header["alg"]],
            issuer=issuer.issuer,
            leeway=LEEWAY,
            options={"require": REQUIRED, "verify_aud": False},
        )
        _check_audience(claims, issuer.audience)
        return claims


def _check_audience(claims: Mapping[str, Any], ours: str) -> None:
    """It has to be an access token for us. Amazon Cognito's name their audience in `client_id` and have no `aud`."""
    if claims.get("token_use") == "id" or claims.get("typ") == "ID" or "at_hash" in claims:
        raise _refused("it is an ID token; send the access token")
    named = claims.get("aud", claims.get("client_id") if claims.get("token_use") == "access" else None)
    if ours not in (named if isinstance(named, list) else [named]):
        raise _refused("it was issued for another audience")


def _key(keys: Keys, header: Mapping[str, Any]) -> jwt.PyJWK:
    """The key that the token names, if it is meant for the algorithm that the token names."""
    try:
        key = keys.get(str(header.get("kid")))
    except KeysUnavailable as error:
        raise IssuerUnavailable from error
    if key is None:
        raise _refused("its issuer does not publish the key it was signed with")
    if header.get("alg") not in ALGORITHMS or key.algorithm_name != header["alg"]:
        raise _refused("it is signed with an algorithm that we do not accept")
    return key


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"its claim {error.errors()[0]['loc'][0]} cannot be used"
    return next((reason for kind, reason in REASONS.items() if isinstance(error, kind)), "it cannot be read")


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated(f"The access token was refused: {reason}.")
