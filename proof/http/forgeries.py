"""Tokens and keys that look like genuine ones: every claim is right, and only what proves them is not."""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from freehold.api_keys.secrets import CHECKSUM_LENGTH
from freehold.ids import DIGITS, base62


def forged_tokens(genuine: str, published: Mapping[str, Any]) -> dict[str, str]:
    """Each forgery of a genuine ES256 token by what was done to it; `published` is its issuer's key set."""
    signed, _, signature = genuine.rpartition(".")
    payload = signed.partition(".")[2]
    key = published["keys"][-1]
    none, hs256 = (f"{_encoded({'alg': alg, 'kid': key['kid'], 'typ': 'JWT'})}.{payload}" for alg in ("none", "HS256"))
    return {
        "signed with another key": f"{signed}.{_signed_by_another(signed)}",
        "without a signature": f"{signed}.",
        "with another byte": f"{_with_another_byte(signed)}.{signature}",
        "with no algorithm": f"{none}.",
        "signed with the public key": f"{hs256}.{_hmac(hs256, _pem(key))}",
        "signed with the key set": f"{hs256}.{_hmac(hs256, json.dumps(published).encode())}",
    }


def another_secret(key: str) -> str:
    """An API key whose secret ends otherwise, with the checksum that belongs to it."""
    body = key[:-CHECKSUM_LENGTH]
    return _checked(body[:-1] + DIGITS[(DIGITS.index(body[-1]) + 1) % len(DIGITS)])


def of_another_tenant(key: str, *, own: str, other: str) -> str:
    """An API key that says it is another tenant's; both references are `Tenant.ref`."""
    return _checked(key[:-CHECKSUM_LENGTH].replace(f"_{own}_", f"_{other}_"))


def _checked(body: str) -> str:
    return body + base62(zlib.crc32(body.encode()), length=CHECKSUM_LENGTH)


def _with_another_byte(signed: str) -> str:
    """In the id of the token, which nobody compares with anything."""
    header, _, payload = signed.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["jti"] = claims["jti"][:-1] + ("0" if claims["jti"][-1] != "0" else "1")
    return f"{header}.{_encoded(claims)}"


def _signed_by_another(signed: str) -> str:
    algorithm = ECAlgorithm(ECAlgorithm.SHA256)
    return _text(algorithm.sign(signed.encode(), ec.generate_private_key(ec.SECP256R1())))


def _hmac(signed: str, secret: bytes) -> str:
    return _text(hmac.digest(secret, signed.encode(), hashlib.sha256))


def _pem(key: Mapping[str, Any]) -> bytes:
    public: ec.EllipticCurvePublicKey = jwt.PyJWK(dict(key)).key
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _encoded(part: Mapping[str, Any]) -> str:
    return _text(json.dumps(part, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
