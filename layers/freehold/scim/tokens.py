"""The text of a SCIM token: `fh_scim_<mode>_<tenant>_<secret><checksum>`. It is shown once; only its hash is kept."""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

from freehold.errors import ScimTokenRefused
from freehold.ids import REF_LENGTH, TenantId, base62, tenant_from_ref, tenant_ref

SECRET_LENGTH, CHECKSUM_LENGTH = 43, 6  # base-62 digits that hold 256 and 32 bits
HINT_LENGTH = 4
PREFIX = "fh_scim_"
SHAPE = re.compile(
    rf"fh_scim_(?P<mode>live|test)_(?P<ref>[0-9A-Za-z]{{{REF_LENGTH}}})"
    rf"_(?P<secret>[0-9A-Za-z]{{{SECRET_LENGTH}}})(?P<checksum>[0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A new token's text, once, and what is kept of it."""

    text: str

    @property
    def hash(self) -> bytes:
        """What the database compares: of the whole text, so that no part of it can be swapped."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def hint(self) -> str:
        """Enough for a person to recognise the token in a list."""
        return f"…{self.text[-HINT_LENGTH:]}"


@dataclass(frozen=True, slots=True)
class Presented:
    """A token that somebody sent: well formed, and not yet known to be good."""

    tenant_id: TenantId
    hash: bytes


def new_secret(tenant_id: TenantId, mode: str) -> Secret:
    """A token that nobody has seen."""
    body = f"{PREFIX}{mode}_{tenant_ref(tenant_id)}_{base62(secrets.randbits(256), length=SECRET_LENGTH)}"
    return Secret(body + _checksum(body))


def read_token(text: str, mode: str) -> Presented:
    """What a well-formed token of this mode names. Raises ScimTokenRefused with the reason."""
    match = SHAPE.fullmatch(text)
    if match is None or _checksum(text[:-CHECKSUM_LENGTH]) != match["checksum"]:
        raise ScimTokenRefused("This is not a SCIM token of ours: part of it is missing or mistyped.")
    if match["mode"] != mode:
        raise ScimTokenRefused(f"This SCIM token is for {match['mode']} mode, this address is for {mode} mode.")
    try:
        return Presented(tenant_from_ref(match["ref"]), Secret(text).hash)
    except ValueError:
        raise ScimTokenRefused from None


def _checksum(body: str) -> str:
    return base62(zlib.crc32(body.encode()), length=CHECKSUM_LENGTH)
