"""The token of an operator who acts as a member: `fh_op_<mode>_<tenant>_<secret><checksum>`. Only its hash is kept."""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

from freehold.errors import Unauthenticated
from freehold.ids import REF_LENGTH, TenantId, base62, tenant_from_ref, tenant_ref

PREFIX = "fh_op_"
SECRET_LENGTH, CHECKSUM_LENGTH = 43, 6  # base-62 digits that hold 256 and 32 bits
SHAPE = re.compile(
    rf"{PREFIX}(?P<mode>live|test)_(?P<ref>[0-9A-Za-z]{{{REF_LENGTH}}})_"
    rf"[0-9A-Za-z]{{{SECRET_LENGTH}}}(?P<checksum>[0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class Presented:
    """A token that somebody sent: well formed, and not yet known to be good."""

    tenant_id: TenantId
    hash: bytes


def new_token(tenant_id: TenantId, mode: str) -> str:
    """One that nobody has seen."""
    body = f"{PREFIX}{mode}_{tenant_ref(tenant_id)}_{base62(secrets.randbits(256), length=SECRET_LENGTH)}"
    return body + _checksum(body)


def hash_of(token: str) -> bytes:
    """What the database compares: of the whole text, so that no part of it can be swapped."""
    return hashlib.sha256(token.encode()).digest()


def read_token(text: str, mode: str) -> Presented:
    """What a well-formed token of this mode names. Raises Unauthenticated with the reason."""
    match = SHAPE.fullmatch(text)
    if match is None or _checksum(text[:-CHECKSUM_LENGTH]) != match["checksum"]:
        raise Unauthenticated("This is not an operator's token of ours: part of it is missing or mistyped.")
    if match["mode"] != mode:
        raise Unauthenticated(f"This token is for {match['mode']} mode, this address is for {mode} mode.")
    try:
        return Presented(tenant_from_ref(match["ref"]), hash_of(text))
    except ValueError:
        raise Unauthenticated from None


def _checksum(body: str) -> str:
    return base62(zlib.crc32(body.encode()), length=CHECKSUM_LENGTH)
