"""The signature of Standard Webhooks 1.0: `v1,` and the HMAC-SHA256 over id.timestamp.body in base64.

A secret reads `whsec_` and 24 to 64 bytes in base64, as the verifiers that customers have take it.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

PREFIX = "whsec_"
LEAST, USUAL, MOST = 24, 32, 64  # bytes
HINT_LENGTH = 4
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # no dot, which separates the parts of what is signed


class SecretRefused(ValueError):
    """A signing secret is whsec_ and 24 to 64 bytes in base64."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Secret:
    """What an endpoint and we know; it is never part of a log line. Raises SecretRefused for a length that none has."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not LEAST <= len(self.key) <= MOST:
            raise SecretRefused

    @classmethod
    def new(cls) -> Self:
        """One that nobody has seen."""
        return cls(secrets.token_bytes(USUAL))

    @classmethod
    def read(cls, text: str) -> Self:
        """One that was written down. Raises SecretRefused."""
        encoded = text.removeprefix(PREFIX)
        if encoded == text:
            raise SecretRefused
        try:
            secret = cls(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError):  # ValueError: not ASCII
            raise SecretRefused from None
        if secret.text != text:  # bits that the last character has and no byte needs
            raise SecretRefused
        return secret

    @property
    def text(self) -> str:
        """As its owner keeps it."""
        return PREFIX + base64.b64encode(self.key).decode()

    @property
    def hint(self) -> str:
        """Enough for a person to recognise the secret in a list."""
        return f"…{self.text.rstrip('=')[-HINT_LENGTH:]}"

    def sign(self, signed: bytes) -> str:
        """One signature, with its version."""
        return f"v1,{base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode()}"


def signed_headers(message_id: str, *, at: datetime, body: bytes, by: Sequence[Secret]) -> dict[str, str]:
    """What makes the body believable, until five minutes after `at`, to whoever has one of the secrets.

    The id is the same at each attempt; `at` is the attempt's own. While a secret is replaced, both sign.
    """
    if ID.fullmatch(message_id) is None or not by:
        raise ValueError("a message has an id without dots, and at least one secret")
    seconds = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(secret.sign(signed) for secret in by),
    }
