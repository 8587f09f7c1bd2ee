"""The signing keys of an OIDC provider, fetched when a token names one we have not seen, at most once a minute."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jwt

TIMEOUT = 2  # seconds
BETWEEN_FETCHES = 60  # seconds
LARGEST = 512 * 1024  # bytes
LOOPBACK = ("127.0.0.1", "localhost", "::1")

type Fetch = Callable[[str], Any]


class KeysUnavailable(Exception):
    """The provider's keys could not be fetched."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 (urllib's)
        """A redirect is an answer that we cannot use: it could lead anywhere."""


without_redirects = urllib.request.build_opener(_NoRedirect)


def fetch_json(url: str) -> Any:  # noqa: ANN401 (a provider may answer anything)
    """Fetch a JSON document. Raises KeysUnavailable for whatever goes wrong."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise KeysUnavailable(f"{url} is not https")
    try:
        with without_redirects.open(url, timeout=TIMEOUT) as response:
            return json.loads(response.read(LARGEST))
    except (OSError, ValueError) as error:
        raise KeysUnavailable(f"{url}: {error}") from error


class Keys:
    """The keys of one issuer. A key id that is unknown after a fetch stays unknown until the next one is due."""

    def __init__(self, issuer: str, *, fetch: Fetch = fetch_json, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer, self._fetch, self._clock = issuer, fetch, clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._failed = False

    def get(self, key_id: str) -> jwt.PyJWK | None:
        """The key, or None when the issuer does not publish it. Raises KeysUnavailable."""
        if key_id not in self._keys and self._due():
            self._refresh()
        if key_id not in self._keys and self._failed:
            raise KeysUnavailable(f"{self._issuer} could not be reached a moment ago")
        return self._keys.get(key_id)

    def _due(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at >= BETWEEN_FETCHES

    def _refresh(self) -> None:
        self._fetched_at, self._failed = self._clock(), True
        configuration = self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(configuration, dict) or configuration.get("issuer") != self._issuer:
            raise KeysUnavailable(f"{self._issuer} does not say that it is itself")
        try:
            published = jwt.PyJWKSet.from_dict(self._fetch(str(configuration.get("jwks_uri"))))
        except (jwt.PyJWTError, AttributeError, TypeError) as error:
            raise KeysUnavailable(f"{self._issuer} publishes no usable keys") from error
        self._keys = {key.key_id: key for key in published.keys if key.key_id and key.public_key_use in (None, "sig")}
        self._failed = False
