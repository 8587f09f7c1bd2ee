"""One identity provider of the local issuer: its address, its keys, and what it says of whoever signs in."""

import base64
import hashlib
import json
import os
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from pydantic import BaseModel, Field

AUDIENCE = "freehold"
LIFETIME_SECONDS = 12 * 3600
_ALGORITHM = "ES256"
_HALF = 16  # bytes of a SHA-256, which is what `at_hash` has of a token that is signed with it

type Claims = dict[str, Any]


class SignIn(BaseModel):
    """Who signs in, and what is claimed of them; without a subject, the address decides it."""

    email: str = Field(min_length=1, max_length=320)
    sub: str | None = Field(default=None, min_length=1, max_length=320)
    name: str | None = None
    email_verified: bool = True
    mfa: bool = False

    @property
    def subject(self) -> str:
        """The same for one address each time."""
        return self.sub or subject_of(self.email)


def subject_of(email: str) -> str:
    """Of the one person who has this address."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email.lower()}"))


class Provider:
    """Says who somebody is, signed with keys of its own. `rotate` makes a new key and keeps the old ones valid."""

    def __init__(self, url: str, keys: Path) -> None:
        self.url = url
        self._file, self._lock = keys, threading.Lock()
        self._keys = _load(keys)

    def mint(self, subject: str, email: str, name: str | None = None, /, **overrides: object) -> str:
        """A signed access token. An override replaces a claim, None leaves it out: so tests make odd tokens."""
        now = int(time.time())
        claims: Claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "email": email,
            "email_verified": True,
            "name": name or email.partition("@")[0],
            **overrides,
        }
        key = self._keys[-1]
        header = {"alg": _ALGORITHM, "kid": key.kid, "typ": "JWT"}
        return jwt.encode(header, {name: claim for name, claim in claims.items() if claim is not None}, key)

    def token_for(self, email: str, name: str | None = None) -> str:
        """A token for the one person who has this address: the same subject each time."""
        return self.mint(subject_of(email), email, name)

    def token_response(self, who: SignIn) -> Claims:
        """What the token endpoint answers to whoever names themselves."""
        token = self.mint(who.subject, who.email, who.name, **_claimed(who))
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}

    def sign_in_response(self, who: SignIn, *, client: str, nonce: str | None) -> Claims:
        """The same with an ID token, for the client that sent them here."""
        answer = self.token_response(who)
        half = hashlib.sha256(answer["access_token"].encode()).digest()[:_HALF]
        about = {"aud": client, "nonce": nonce, "auth_time": int(time.time()), "at_hash": _base64url(half)}
        id_token = self.mint(who.subject, who.email, who.name, **_claimed(who), **about)
        return {**answer, "id_token": id_token, "scope": "openid email profile"}

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        with self._lock:
            self._keys = [*self._keys, _new_key()]
            _save(self._file, self._keys)

    def jwks(self) -> Claims:
        """The public keys, as published."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def discovery(self) -> Claims:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [_ALGORITHM],
            "scopes_supported": ["openid", "email", "profile"],
            "claims_supported": ["sub", "email", "email_verified", "name", "amr", "auth_time", "nonce"],
            "authorization_response_iss_parameter_supported": True,
        }


def _claimed(who: SignIn) -> Claims:
    """`amr` as RFC 8176 names a password and a code from a device."""
    return {"email_verified": who.email_verified, "amr": ["pwd", "otp", "mfa"] if who.mfa else ["pwd"]}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": str(uuid.uuid4()), "use": "sig", "alg": _ALGORITHM})


def _load(file: Path) -> list[ECKey]:
    if file.exists():
        return [ECKey.import_key(key) for key in json.loads(file.read_text())["keys"]]
    keys = [_new_key()]
    _save(file, keys)
    return keys


def _save(file: Path, keys: list[ECKey]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(KeySet(list(keys)).as_dict(private=True), stream)
    partial.replace(file)
