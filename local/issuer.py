"""An OpenID Connect issuer for the laptop: discovery, keys, and a token for anybody who asks.

It is the stand-in for Cognito, Auth0 and their like. It checks no password: it exists on loopback only, and its key
lies in `.freehold/`, so that tokens survive a restart.
"""

import argparse
import json
import os
import threading
import time
import uuid
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from pydantic import BaseModel, Field

from local import errors
from local.ports import LOOPBACK, require_free
from local.project import DEV

AUDIENCE = "freehold"
LIFETIME_SECONDS = 12 * 3600
_ALGORITHM = "ES256"

type Claims = dict[str, Any]


class TokenRequest(BaseModel):
    """Whose token is wanted; without a subject, the address decides it."""

    email: str = Field(min_length=1)
    sub: str | None = None
    name: str | None = None


class Issuer:
    """Serves from threads of this process. `rotate` makes a new key and keeps the old ones valid."""

    def __init__(self, folder: Path, *, port: int = 0, choose: str = "another port") -> None:
        self._file = folder / "issuer-keys.json"
        self._keys = _load(self._file)
        if port:
            require_free(port, what="the identity issuer", choose=choose)
        self._server = _Server((LOOPBACK, port), self)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop serving a started issuer."""
        self._server.shutdown()
        self._server.server_close()

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
        return self.mint(str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email.lower()}")), email, name)

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self._keys = [*self._keys, _new_key()]
        _save(self._file, self._keys)

    def jwks(self) -> Claims:
        """The public keys, as published."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def discovery(self) -> Claims:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/.well-known/jwks.json",
            "token_endpoint": f"{self.url}/token",
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [_ALGORITHM],
        }

    def token_response(self, wish: TokenRequest) -> Claims:
        """What the token endpoint answers."""
        token = self.mint(wish.sub, wish.email, wish.name) if wish.sub else self.token_for(wish.email, wish.name)
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], issuer: Issuer) -> None:
        self.issuer = issuer
        super().__init__(address, _Page)


class _Page(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        pages = {
            "/.well-known/openid-configuration": self.server.issuer.discovery,
            "/.well-known/jwks.json": self.server.issuer.jwks,
        }
        if page := pages.get(self.path):
            self._answer(HTTPStatus.OK, page())
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"There is no {self.path}; there are {', '.join(pages)}."})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        try:
            self._answer(HTTPStatus.OK, self.server.issuer.token_response(_parse(body)))
        except (KeyError, TypeError, ValueError):
            self._answer(
                HTTPStatus.BAD_REQUEST, {"error": "Send email=… and, if wanted, sub=… and name=…, form or JSON."}
            )

    def _answer(self, status: HTTPStatus, page: Claims) -> None:
        body = json.dumps(page).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _parse(body: str) -> TokenRequest:
    """Raises ValueError, of which pydantic's error is one."""
    return TokenRequest.model_validate(json.loads(body) if body.startswith("{") else dict(parse_qsl(body)))


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


def main() -> None:
    """Serve the issuer alone."""
    parser = argparse.ArgumentParser(prog="python -m local.issuer", description=__doc__)
    parser.add_argument("--port", type=int, default=4567, help="where it listens, on loopback (4567)")
    parser.add_argument("--folder", type=Path, default=DEV, help="where its keys are kept (.freehold/dev)")
    options = parser.parse_args()
    with Issuer(options.folder, port=options.port, choose="--port") as issuer:
        print(f"{issuer.url}/.well-known/openid-configuration", flush=True)
        print(f"curl -s {issuer.url}/token -d email=alice@acme.test", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    errors.run(main)
