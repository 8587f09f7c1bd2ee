"""Where spans and errors go: what a person has written into the secret, looked at again every five minutes."""

import http.client
import math
import re
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from freehold.secrets import LOOPBACK, secret_text
from freehold.settings import settings
from freehold.sigv4 import NoCredentials

KEPT = 300.0  # seconds
_NAME, _VALUE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"), re.compile(r"[\x20-\x7e]*")
"""Source: https://www.rfc-editor.org/rfc/rfc9110.html#name-field-names"""

type Fetch = Callable[[str], str]


class NoDestination(Exception):
    """The secret of telemetry does not say where spans go: docs/observability.md shows what it holds."""


def _is_safe(url: str) -> str:
    where = urlsplit(url)
    if url and where.scheme != "https" and not (where.scheme == "http" and where.hostname in LOOPBACK):
        raise ValueError("it has to begin with https://")
    return url.rstrip("/")


def _are_sendable(headers: Mapping[str, str]) -> Mapping[str, str]:
    """What http.client would refuse, it would refuse in words that hold the value."""
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in headers.items()):
        raise ValueError("a header has a name or a value that cannot be sent: printable ASCII, in one line")
    return headers


type Headers = Annotated[Mapping[str, str], AfterValidator(_are_sendable)]
type Url = Annotated[str, AfterValidator(_is_safe)]


class Destinations(BaseModel):
    """What the secret holds, as JSON; `{}` until somebody has put something there, and then nothing goes anywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    otlp_endpoint: Url = ""
    """As OpenTelemetry's OTEL_EXPORTER_OTLP_ENDPOINT, without `/v1/traces`."""
    otlp_headers: Annotated[Headers, Field(repr=False)] = {}
    """What the other side wants to see with each call: `{"x-honeycomb-team": "…"}`."""
    sentry_dsn: Annotated[Url, Field(repr=False)] = ""
    """As Sentry shows it, in the project's settings."""


class Kept:
    """What is known of one secret, for a while."""

    def __init__(self, where: str, *, fetch: Fetch = secret_text, clock: Callable[[], float] = time.monotonic) -> None:
        self._where, self._fetch, self._clock = where, fetch, clock
        self._known, self._looked_at = Destinations(), -math.inf

    def read(self) -> Destinations:
        """Raises NoDestination for a secret that is not usable, or not to be had."""
        if self._clock() - self._looked_at >= KEPT:
            self._known = self._read()
            self._looked_at = self._clock()
        return self._known

    def _read(self) -> Destinations:
        if not self._where:
            return Destinations()
        try:
            text = self._where if self._where.startswith("{") else self._fetch(self._where)
            return Destinations.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"])) or "all of it"
            raise NoDestination(f"{NoDestination.__doc__} {first['msg']} ({where}).") from None
        except (OSError, http.client.HTTPException, ValueError, KeyError, NoCredentials) as error:
            raise NoDestination(f"The secret of telemetry could not be fetched: {type(error).__name__}.") from error


def destinations() -> Destinations:
    """Of this stage. Raises NoDestination."""
    return _kept(settings().telemetry).read()


@cache
def _kept(where: str) -> Kept:
    return Kept(where)
