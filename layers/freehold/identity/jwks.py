"""The signing keys of an OIDC provider, fetched when a token names one we have not seen, at most once a minute."""

import json
import math
import time
import urllib.request
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from freehold.identity.keys import Key, read_keys
from freehold.observability import calling_http

TIMEOUT = 2.0  # seconds
BETWEEN_FETCHES = 60  # seconds
KEPT = 600  # seconds after which keys that are known are looked at again: their issuer may have withdrawn them
LARGEST = 512 * 1024  # bytes
LOOPBACK = ("127.0.0.1", "localhost", "::1")

type Fetch = Callable[[str], Any]


class KeysUnavailable(Exception):
    """The provider's keys could not be fetched."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 (urllib's)
        """A redirect is an answer that we cannot use: it could lead anywhere."""


without_redirects = urllib.request.build_opener(_NoRedirect)


class _Stream(Protocol):
    def read1(self, size: int, /) -> bytes:
        """What is there, or comes next."""


def fetch_json(url: str) -> Any:  # noqa: ANN401 (a provider may answer anything)
    """Fetch a JSON document. Raises KeysUnavailable for whatever goes wrong."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise KeysUnavailable(f"{url} is not https")
    try:
        called = calling_http("GET", "issuer", parts.hostname or "")
        with called, without_redirects.open(url, timeout=TIMEOUT) as response:
            return json.loads(_all(response, by=time.monotonic() + TIMEOUT))
    except (OSError, ValueError, RecursionError) as error:
        raise KeysUnavailable(f"{url}: {error}") from error


def _all(response: _Stream, *, by: float) -> bytes:
    """A timeout is for each piece, and a provider could send many."""
    body = b""
    while piece := response.read1(LARGEST):
        body += piece
        if time.monotonic() > by or len(body) > LARGEST:
            raise ValueError("it takes too long, or is too large")
    return body


class Keys:
    """The keys of one issuer. A key id that is unknown after a fetch stays unknown until the next one is due.

    While the issuer cannot be reached, the keys that are known go on; a token that names another one has to wait.
    """

    def __init__(self, issuer: str, *, fetch: Fetch = fetch_json, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer, self._fetch, self._clock = issuer, fetch, clock
        self._keys: dict[str, Key] = {}
        self._fetched_at = -math.inf
        self._failure: KeysUnavailable | None = None

    def get(self, key_id: str) -> Key | None:
        """The key, or None when the issuer does not publish it. Raises KeysUnavailable."""
        age = self._clock() - self._fetched_at
        if age >= (KEPT if key_id in self._keys else BETWEEN_FETCHES):
            self._refresh()
        if key_id not in self._keys and self._failure:
            raise KeysUnavailable(f"{self._issuer} could not be reached") from self._failure
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        self._fetched_at = self._clock()
        try:
            self._keys, self._failure = self._published(), None
        except KeysUnavailable as failure:
            self._failure = failure

    def _published(self) -> dict[str, Key]:
        configuration = self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(configuration, dict) or configuration.get("issuer") != self._issuer:
            raise KeysUnavailable(f"{self._issuer} does not say that it is itself")
        try:
            return read_keys(self._fetch(str(configuration.get("jwks_uri"))))
        except ValueError as error:
            raise KeysUnavailable(f"{self._issuer} publishes no usable keys") from error
