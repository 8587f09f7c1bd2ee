"""Which access tokens are believed: what RFC 7519, 8725 and 9068 let an honest issuer write, and nothing else.

Beside each attack stands the token that it was made from, which is believed.
"""

import base64
import hashlib
import hmac
import json
import time
import warnings
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from freehold.errors import ApiError, Unauthenticated
from freehold.identity.service import Verifier
from freehold.ids import TenantId
from freehold.settings import Issuer
from freehold.sso.models import ConnectionId, Registration
from freehold.sso.registry import Registry

OURS, NEIGHBOUR, TENANTS, STRANGER = (
    f"https://{name}.example" for name in ("ours", "neighbour", "tenants", "stranger")
)
AUDIENCE, CLIENT = "freehold", "tenants-client"
KEYS: dict[str, Key] = {
    "RS256": RSAKey.generate_key(2048),
    "PS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
    "ES384": ECKey.generate_key("P-384"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
}
with warnings.catch_warnings(action="ignore", category=SecurityWarning):
    WEAK = RSAKey.generate_key(1024)
PLAIN, EVIL = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
OTHERS, OF_TENANTS = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
ENCRYPTS, SIGNS_ONLY, OTHER_CURVE = (ECKey.generate_key("P-256") for _ in range(3))
SECRET = {"kty": "oct", "kid": "secret", "alg": "HS256", "k": base64.urlsafe_b64encode(b"x" * 32).decode()}


def public(key: Key, **said: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **said}


PUBLISHED: dict[str, list[dict[str, Any]]] = {
    OURS: [
        *(public(key, kid=name, alg=name, use="sig") for name, key in KEYS.items()),
        public(WEAK, kid="weak", alg="RS256"),
        public(PLAIN, kid="plain"),
        public(ENCRYPTS, kid="encrypts", alg="ES256", use="enc"),
        public(SIGNS_ONLY, kid="signs-only", alg="ES256", key_ops=["sign"]),
        public(OTHER_CURVE, kid="other-curve", alg="ES384"),
        {**EVIL.as_dict(private=True), "kid": "private", "alg": "ES256"},
        SECRET,
    ],
    NEIGHBOUR: [public(OTHERS, kid="others", alg="ES256")],
    TENANTS: [public(OF_TENANTS, kid="of-tenants", alg="ES256")],
}
REGISTERED = Registration(audience=CLIENT, tenant_id=TenantId(uuid4()), connection_id=ConnectionId(uuid4()))


def fetch(url: str) -> Any:
    issuer = url.removesuffix("/.well-known/openid-configuration").removesuffix("/keys")
    return {"issuer": issuer, "jwks_uri": f"{issuer}/keys", "keys": PUBLISHED.get(issuer, [])}


def believed(token: str) -> str:
    """Whose it is, as the authorizer decides. Raises what it raises."""
    verifier = Verifier(
        (Issuer(issuer=OURS, audience=AUDIENCE), Issuer(issuer=NEIGHBOUR, audience=AUDIENCE)), fetch=fetch
    )
    registry = Registry(lambda issuer: [REGISTERED] if issuer == TENANTS else [], fetch=fetch)
    claims = verifier.verify(token) if verifier.has_issued(token) else registry.verify(token)[0]
    return claims.subject


def claims(**different: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": OURS, "aud": AUDIENCE, "sub": "somebody", "iat": now, "exp": now + 600, "jti": "1"} | different
    return {name: value for name, value in usual.items() if value is not None}


def signed(said: dict[str, Any], key: Key = KEYS["ES256"], algorithm: str = "ES256", **header: Any) -> str:
    """By joserfc, which is no library of ours. A header that is None is left out."""
    whole = {"alg": algorithm, "kid": algorithm, "typ": "JWT"} | header
    kept = {name: value for name, value in whole.items() if value is not None}
    return raw_signed(json.dumps(kept), json.dumps(said), key, algorithm)


def raw_signed(header: str, said: str, key: Key, algorithm: str) -> str:
    """A true signature over whatever is given, which joserfc alone would not make for what is odd."""
    from joserfc.jws import JWSRegistry  # noqa: PLC0415 (what signs, without what judges)

    part = f"{encoded(header)}.{encoded(said)}"
    made = JWSRegistry.algorithms[algorithm].sign(part.encode(), key)
    return f"{part}.{encoded(made)}"


def encoded(text: str | bytes) -> str:
    return base64.urlsafe_b64encode(text.encode() if isinstance(text, str) else text).rstrip(b"=").decode()


def by_secret(secret: bytes, header: dict[str, Any]) -> str:
    part = f"{encoded(json.dumps(header))}.{encoded(json.dumps(claims()))}"
    return f"{part}.{encoded(hmac.digest(secret, part.encode(), hashlib.sha256))}"


def pem(key: Key) -> bytes:
    found: bytes = key.as_pem(private=False)
    return found


def swapped(part: int, value: str) -> str:
    parts = signed(claims()).split(".")
    parts[part] = value
    return ".".join(parts)


NOW = int(time.time())
GOOD: dict[str, Callable[[], str]] = {
    **{f"signed by {name}": lambda name=name: signed(claims(), KEYS[name], name) for name in KEYS},
    "made by another library": lambda: jwt.encode({"alg": "RS256", "kid": "RS256"}, claims(), KEYS["RS256"]),
    "of a key that names no algorithm": lambda: signed(claims(), PLAIN, "RS256", kid="plain"),
    "of the type at+jwt": lambda: signed(claims(), typ="at+jwt"),
    "without a type": lambda: signed(claims(), typ=None),
    "for several audiences": lambda: signed(claims(aud=["other", AUDIENCE])),
    "with fractions of seconds": lambda: signed(claims(iat=time.time() - 1.5, nbf=time.time() - 1.5)),
    "of the other issuer": lambda: signed(claims(iss=NEIGHBOUR), OTHERS, kid="others"),
    "of a tenant's issuer": lambda: signed(claims(iss=TENANTS, aud=CLIENT), OF_TENANTS, kid="of-tenants"),
}
BAD: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "one part": lambda: encoded(json.dumps(claims())),
    "unsigned, with alg none": lambda: (
        f"{encoded(json.dumps({'alg': 'none', 'kid': 'ES256'}))}.{encoded(json.dumps(claims()))}."
    ),
    "alg none and a signature": lambda: raw_signed(
        '{"alg":"none","kid":"ES256"}', json.dumps(claims()), KEYS["ES256"], "ES256"
    ),
    "alg NonE": lambda: raw_signed('{"alg":"NonE","kid":"ES256"}', json.dumps(claims()), KEYS["ES256"], "ES256"),
    "no alg": lambda: signed(claims(), alg=None),
    "an empty alg": lambda: signed(claims(), alg=""),
    "an alg that is a list": lambda: signed(claims(), alg=["ES256"]),
    "HS256 with the public key": lambda: by_secret(pem(KEYS["RS256"]), {"alg": "HS256", "kid": "RS256"}),
    "HS256 with the public key of a curve": lambda: by_secret(pem(KEYS["ES256"]), {"alg": "HS256", "kid": "ES256"}),
    "HS256 with the published secret": lambda: by_secret(b"x" * 32, {"alg": "HS256", "kid": "secret"}),
    "HS256 with an empty secret": lambda: by_secret(b"", {"alg": "HS256", "kid": "ES256"}),
    "no signature": lambda: swapped(2, ""),
    "an empty signature of zeros": lambda: swapped(2, encoded(bytes(64))),
    "the signature of another token": lambda: swapped(2, signed(claims(sub="other")).split(".")[2]),
    "other claims under the signature": lambda: swapped(1, encoded(json.dumps(claims(sub="other")))),
    "another header over the signature": lambda: swapped(0, encoded('{"alg":"ES256","kid":"ES256","x":1}')),
    "four parts": lambda: signed(claims()) + ".x",
    "five parts, as if encrypted": lambda: signed(claims()) + ".x.y",
    "spaces": lambda: signed(claims()).replace(".", ". "),
    "padding": lambda: signed(claims()) + "==",
    "characters of another alphabet": lambda: signed(claims())[:-2] + "+/",
    "crit": lambda: signed(claims(), crit=["exp"]),
    "an empty crit": lambda: signed(claims(), crit=[]),
    "b64": lambda: signed(claims(), b64=False),
    "zip": lambda: signed(claims(), zip="DEF"),
    "a jwk of its own": lambda: signed(claims(), EVIL, jwk=public(EVIL)),
    "a jwk of its own without a key id": lambda: signed(claims(), EVIL, kid=None, jwk=public(EVIL)),
    "a jku of its own": lambda: signed(claims(), EVIL, jku="https://stranger.example/keys"),
    "an x5u of its own": lambda: signed(claims(), EVIL, x5u="https://stranger.example/certificate"),
    "an x5c of its own": lambda: signed(claims(), EVIL, x5c=["MIIB"]),
    "no key id": lambda: signed(claims(), kid=None),
    "an empty key id": lambda: signed(claims(), kid=""),
    "a key id that is a path": lambda: signed(claims(), EVIL, kid="../../../../dev/null"),
    "a key id that is a statement": lambda: signed(claims(), EVIL, kid="x' union select 'key"),
    "a key id that is an address": lambda: signed(claims(), EVIL, kid="https://stranger.example/keys"),
    "a key id that is a list": lambda: signed(claims(), kid=["ES256"]),
    "a key id that is a number": lambda: signed(claims(), kid=0),
    "a key id that is endless": lambda: signed(claims(), kid="x" * 256),
    "a key that nobody publishes": lambda: signed(claims(), EVIL),
    "a key for encryption": lambda: signed(claims(), ENCRYPTS, kid="encrypts"),
    "a key that does not verify": lambda: signed(claims(), SIGNS_ONLY, kid="signs-only"),
    "a key whose secret was published": lambda: signed(claims(), EVIL, kid="private"),
    "an RSA key of 1024 bits": lambda: signed(claims(), WEAK, "RS256", kid="weak"),
    "a key of a curve for another algorithm": lambda: signed(claims(), OTHER_CURVE, kid="other-curve"),
    "ES384's key and ES256": lambda: signed(claims(), KEYS["ES256"], kid="ES384"),
    "RS256's key and PS256": lambda: signed(claims(), KEYS["RS256"], "PS256", kid="RS256"),
    "RS256's key and RS512": lambda: signed(claims(), KEYS["RS256"], "RS512", kid="RS256"),
    "the issuer's neighbour's key": lambda: signed(claims(), OTHERS, kid="others"),
    "its own key in a neighbour's name": lambda: signed(claims(iss=NEIGHBOUR)),
    "an issuer that nobody knows": lambda: signed(claims(iss=STRANGER)),
    "an issuer with a slash more": lambda: signed(claims(iss=f"{OURS}/")),
    "an issuer in capitals": lambda: signed(claims(iss=OURS.upper())),
    "no issuer": lambda: signed(claims(iss=None)),
    "issuers in a list": lambda: signed(claims(iss=[OURS])),
    "a tenant's issuer for another audience": lambda: signed(claims(iss=TENANTS), OF_TENANTS, kid="of-tenants"),
    "a tenant's issuer in our name": lambda: signed(claims(iss=OURS), OF_TENANTS, kid="of-tenants"),
    "our key in the name of a tenant's issuer": lambda: signed(claims(iss=TENANTS, aud=CLIENT)),
    "our issuer for a tenant's client": lambda: signed(claims(aud=CLIENT)),
    "another audience": lambda: signed(claims(aud="other")),
    "no audience": lambda: signed(claims(aud=None)),
    "an audience that begins like ours": lambda: signed(claims(aud=f"{AUDIENCE}-admin")),
    "audiences without ours": lambda: signed(claims(aud=["other", ["freehold"]])),
    "an audience that is an object": lambda: signed(claims(aud={AUDIENCE: 1})),
    "our client, but no access token": lambda: signed(claims(aud=None, client_id=AUDIENCE)),
    "an expiry that is past": lambda: signed(claims(exp=NOW - 60)),
    "no expiry": lambda: signed(claims(exp=None)),
    "an expiry that is text": lambda: signed(claims(exp=str(NOW + 600))),
    "an expiry that is true": lambda: signed(claims(exp=True)),
    "an expiry that is null": lambda: raw_signed(
        '{"alg":"ES256","kid":"ES256"}', json.dumps(claims() | {"exp": None}), KEYS["ES256"], "ES256"
    ),
    "an expiry that is infinite": lambda: raw_signed(
        '{"alg":"ES256","kid":"ES256"}', json.dumps(claims(exp=float("inf"))), KEYS["ES256"], "ES256"
    ),
    "an expiry after time ends": lambda: signed(claims(exp=10**15)),
    "a beginning in the future": lambda: signed(claims(nbf=NOW + 3600)),
    "a beginning that is text": lambda: signed(claims(nbf="0")),
    "an issue time in the future": lambda: signed(claims(iat=NOW + 3600)),
    "no issue time": lambda: signed(claims(iat=None)),
    "no subject": lambda: signed(claims(sub=None)),
    "an empty subject": lambda: signed(claims(sub="")),
    "a subject that is a number": lambda: signed(claims(sub=1)),
    "a subject with a NUL": lambda: signed(claims(sub="a\0b")),
    "an ID token of Cognito": lambda: signed(claims(token_use="id")),
    "an ID token of Keycloak": lambda: signed(claims(typ="ID")),
    "an ID token with a nonce": lambda: signed(claims(nonce="n")),
    "an ID token with a hash of its access token": lambda: signed(claims(at_hash="x")),
    "another type": lambda: signed(claims(), typ="logout+jwt"),
    "a type that is a number": lambda: signed(claims(), typ=1),
    "a claim twice": lambda: raw_signed(
        '{"alg":"ES256","kid":"ES256"}', json.dumps(claims())[:-1] + ',"sub":"other"}', KEYS["ES256"], "ES256"
    ),
    "a header twice": lambda: raw_signed(
        '{"alg":"none","alg":"ES256","kid":"ES256"}', json.dumps(claims()), KEYS["ES256"], "ES256"
    ),
    "claims that are a list": lambda: raw_signed('{"alg":"ES256","kid":"ES256"}', "[]", KEYS["ES256"], "ES256"),
    "claims that are no JSON": lambda: raw_signed('{"alg":"ES256","kid":"ES256"}', "{", KEYS["ES256"], "ES256"),
    "claims that are no text": lambda: f"{encoded('{}')}.{encoded(bytes([255, 254]))}.x",
    "brackets without end": lambda: raw_signed('{"alg":"ES256","kid":"ES256"}', "[" * 5000, KEYS["ES256"], "ES256"),
    "a number without end": lambda: raw_signed(
        '{"alg":"ES256","kid":"ES256"}', '{"exp":' + "9" * 5000 + "}", KEYS["ES256"], "ES256"
    ),
    "more than a header holds": lambda: signed(claims(x="x" * 10_000)),
}


class TestAccessToken:
    @pytest.mark.parametrize("name", GOOD)
    def test_is_believed(self, name: str):
        assert believed(GOOD[name]()) == "somebody"

    @pytest.mark.parametrize("name", BAD)
    def test_is_refused(self, name: str):
        with pytest.raises(ApiError) as refused:
            believed(BAD[name]())
        assert isinstance(refused.value, Unauthenticated), "with a reason, not by accident"
        assert believed(signed(claims())) == "somebody", "the control"
