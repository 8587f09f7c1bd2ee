"""Access tokens taken apart, strictly, before anything that they say is believed: RFC 7515 and RFC 8725."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.errors import Unauthenticated

LONGEST = 8192  # characters; API Gateway takes 10 KiB of headers
LONGEST_KEY_ID = 255
SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
TYPES = ("jwt", "at+jwt", "application/at+jwt")
KEYS_OF_ITS_OWN = ("jwk", "jku", "x5u", "x5c")
EXTENSIONS = ("crit", "b64", "zip", "enc")
MOMENTS = ("exp", "iat", "nbf")
OF_ID_TOKENS = ("at_hash", "c_hash", "nonce")
"""Claims that an access token has no use for. Where the audience is a client, they are what tells the two apart."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def issuer(self) -> str:
        """Who it says has issued it; empty where that is no text."""
        return _text(self.claims.get("iss"))

    @property
    def audiences(self) -> list[str]:
        """Whom it is for. Amazon Cognito's name that in `client_id` and have no `aud`."""
        alternative = self.claims.get("client_id") if self.claims.get("token_use") == "access" else None
        named = self.claims.get("aud", alternative)
        return [each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str)]


def read_token(token: str) -> Unverified:
    """The token's parts. Raises Unauthenticated for one that no honest issuer would write."""
    if len(token) > LONGEST:
        raise refused(f"it is longer than {LONGEST} characters")
    if not SHAPE.fullmatch(token):
        raise refused("it cannot be read")
    header, claims, _ = token.split(".")
    read = Unverified(_part(header), _part(claims))
    _require_plain_header(read.header)
    _require_access_token(read.claims)
    _require_moments(read.claims)
    return read


def refused(reason: str) -> Unauthenticated:
    """The error that says why a token was refused."""
    return Unauthenticated(f"The access token was refused: {reason}.")


def _part(part: str) -> dict[str, Any]:
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
        read = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise refused("it cannot be read") from error
    if not isinstance(read, dict):
        raise refused("it cannot be read")
    return read


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that is there twice, one reader takes the first and another the last."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a name is there twice")
    return read


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _require_plain_header(header: Mapping[str, Any]) -> None:
    if any(name in header for name in KEYS_OF_ITS_OWN):
        raise refused("it brings a key of its own")
    if any(name in header for name in EXTENSIONS):
        raise refused("it uses extensions that we do not know")
    if _text(header.get("typ", "JWT")).lower() not in TYPES:
        raise refused("it is of another type; send a JWT access token")
    if not 0 < len(_text(header.get("kid"))) <= LONGEST_KEY_ID:
        raise refused("it does not name the key it was signed with")


def _require_access_token(claims: Mapping[str, Any]) -> None:
    is_id_token = claims.get("token_use") == "id" or claims.get("typ") == "ID"
    if is_id_token or any(name in claims for name in OF_ID_TOKENS):
        raise refused("it is an ID token; send the access token")


def _require_moments(claims: Mapping[str, Any]) -> None:
    """A text of digits would pass for a number."""
    for name in MOMENTS:
        if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], int | float)):
            raise refused(f"its claim {name} cannot be used")


def _text(value: Any) -> str:  # noqa: ANN401 (a claim may be anything)
    return value if isinstance(value, str) else ""
