"""The authorization code flow for public clients, with PKCE: what a client asks for, and the code that it exchanges.

Codes are good once, for a minute, for the client that asked, and only with the verifier of its challenge (RFC 7636).
They are sent to loopback and nowhere else.
"""

import hashlib
import re
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.provider import Claims, Provider, SignIn

LIFETIME_SECONDS = 60
LOOPBACK = re.compile(r'https?://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?([/?][!"$-\[\]-~]*)?')
"""No fragment, no backslash, no name before the host: what a browser and we could read differently."""


class NotLoopback(Exception):
    """The redirect_uri has to be http://127.0.0.1, http://localhost or http://[::1], with any port and path."""


class FlowError(Exception):
    """What the client did wrong, as OAuth 2.0 names it, and in words."""

    def __init__(self, error: str, description: str) -> None:
        self.error, self.description = error, description
        super().__init__(description)


class Wanted(BaseModel):
    """What the client asks for at /authorize."""

    model_config = ConfigDict(frozen=True)

    response_type: Literal["code"]
    client_id: str = Field(min_length=1, max_length=200)
    redirect_uri: str
    code_challenge: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    code_challenge_method: Literal["S256"]
    scope: str = "openid"
    state: str | None = None
    nonce: str | None = None
    login_hint: str = ""


class Exchange(BaseModel):
    """What the client shows at /token."""

    code: str
    client_id: str
    redirect_uri: str
    code_verifier: str = Field(pattern=r"^[A-Za-z0-9._~-]{43,128}$")


def redirect_uri(query: Mapping[str, str]) -> str:
    """Where the answer goes. Raises NotLoopback."""
    wanted = query.get("redirect_uri", "")
    if not LOOPBACK.fullmatch(wanted):
        raise NotLoopback(str(NotLoopback.__doc__))
    return wanted


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """The request. Raises FlowError, which the client is told at its redirect_uri."""
    if query.get("response_type", "code") != "code":
        raise FlowError("unsupported_response_type", "There is the authorization code flow, response_type=code.")
    if "none" in query.get("prompt", "").split():
        raise FlowError("login_required", "Nobody stays signed in here: each time, somebody chooses who they are.")
    try:
        return Wanted.model_validate(query)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise FlowError("invalid_request", f"{where} is missing or cannot be used.") from None


def answer_at(uri: str, **parameters: str | None) -> str:
    """The address that the browser is sent to."""
    told = urlencode({name: value for name, value in parameters.items() if value is not None})
    return f"{uri}{'&' if '?' in uri else '?'}{told}"


@dataclass(frozen=True, slots=True)
class _Issued:
    provider: Provider
    wanted: Wanted
    who: SignIn
    until: float


class Codes:
    """The codes that were given out and not yet exchanged."""

    def __init__(self) -> None:
        self._issued: dict[str, _Issued] = {}

    def issue(self, provider: Provider, wanted: Wanted, who: SignIn) -> str:
        """A code for whoever signed in."""
        code, now = secrets.token_urlsafe(32), time.monotonic()
        self._issued = {each: issued for each, issued in self._issued.items() if issued.until > now}
        self._issued[code] = _Issued(provider, wanted, who, now + LIFETIME_SECONDS)
        return code

    def exchange(self, provider: Provider, form: Mapping[str, str]) -> Claims:
        """The tokens. Raises FlowError; a code that was shown once is gone, whatever came of it."""
        try:
            shown = Exchange.model_validate(form)
        except ValidationError:
            raise FlowError("invalid_request", "Send code, client_id, redirect_uri and code_verifier.") from None
        issued = self._issued.pop(shown.code, None)
        if issued is None or issued.provider is not provider or not _is_for(issued, shown):
            raise FlowError("invalid_grant", "The code was used, is too old, or was given to another client.")
        return provider.sign_in_response(issued.who, client=shown.client_id, nonce=issued.wanted.nonce)


def _is_for(issued: _Issued, shown: Exchange) -> bool:
    wanted, challenge = issued.wanted, urlsafe_b64encode(hashlib.sha256(shown.code_verifier.encode()).digest())
    return (
        issued.until > time.monotonic()
        and (wanted.client_id, wanted.redirect_uri) == (shown.client_id, shown.redirect_uri)
        and secrets.compare_digest(wanted.code_challenge, challenge.rstrip(b"=").decode())
    )
