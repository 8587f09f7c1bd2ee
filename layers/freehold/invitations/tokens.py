"""The text of an invitation's token: `inv_<tenant>_<secret><checksum>`. It is mailed; only its hash is kept."""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

from freehold.errors import InvitationGone
from freehold.ids import REF_LENGTH, TenantId, base62, tenant_from_ref, tenant_ref

SECRET_LENGTH, CHECKSUM_LENGTH = 43, 6  # base-62 digits that hold 256 and 32 bits
SHAPE = re.compile(
    rf"inv_(?P<ref>[0-9A-Za-z]{{{REF_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH}}}[0-9A-Za-z]{{{CHECKSUM_LENGTH}}}"
)


@dataclass(frozen=True, slots=True)
class Token:
    """Somebody's token, and the tenant that it leads into."""

    tenant_id: TenantId
    text: str

    @property
    def hash(self) -> bytes:
        """What is kept of it."""
        return hashlib.sha256(self.text.encode()).digest()


def new_token(tenant_id: TenantId) -> Token:
    """A token that nobody has seen."""
    body = f"inv_{tenant_ref(tenant_id)}_{base62(secrets.randbits(256), length=SECRET_LENGTH)}"
    return Token(tenant_id, body + _checksum(body))


def read_token(text: str) -> Token:
    """A well-formed token. Raises InvitationGone for anything else."""
    match = SHAPE.fullmatch(text)
    if match is None or not text.endswith(_checksum(text[:-CHECKSUM_LENGTH])):
        raise InvitationGone("This is not an invitation of ours: part of it is missing or mistyped.")
    try:
        return Token(tenant_from_ref(match["ref"]), text)
    except ValueError:
        raise InvitationGone from None


def _checksum(body: str) -> str:
    return base62(zlib.crc32(body.encode()), length=CHECKSUM_LENGTH)
