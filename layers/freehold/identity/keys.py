"""The public keys that an issuer publishes, each with the algorithms that it may be used with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

ALGORITHMS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("RSA", ""): ("RS256", "RS384", "RS512", "PS256"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
"""By type and curve. A key that says which one it is for is for that one alone; RFC 8725, 3.1."""
FEWEST_BITS = 2048
MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and what may be verified with it."""

    key: Any
    algorithms: tuple[str, ...]


def read_keys(published: Any) -> dict[str, Key]:  # noqa: ANN401 (an issuer may answer anything)
    """The usable keys of a JWKS by their ids; what cannot be used is left out. Raises ValueError for what is none."""
    listed = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError("it is no key set")
    read = [(raw["kid"], _usable(raw)) for raw in listed if isinstance(raw, dict) and isinstance(raw.get("kid"), str)]
    return {key_id: key for key_id, key in reversed(read) if key is not None}


def _usable(raw: Mapping[str, Any]) -> Key | None:
    """None for a key that is not for signatures, not public, too weak, or of a kind that we do not know."""
    family = ALGORITHMS.get((str(raw.get("kty")), str(raw.get("crv", ""))), ())
    algorithms = tuple(name for name in family if raw.get("alg", name) == name)
    operations = raw.get("key_ops", ["verify"])
    if not algorithms or "d" in raw or raw.get("use", "sig") != "sig" or "verify" not in operations:
        return None
    try:
        key = jwt.PyJWK(dict(raw), algorithms[0]).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return Key(key, algorithms) if raw["kty"] != "RSA" or key.key_size >= FEWEST_BITS else None
