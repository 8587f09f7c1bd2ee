"""What is kept of an API key is the hash of its beginning."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from freehold.api_keys.secrets import CHECKSUM_LENGTH, Secret
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenant",), families=("routes",), principals=("a key of B with another secret",))


@contextmanager
def plant() -> Iterator[None]:
    """The checksum was to be left out, and one letter more was."""

    def begun(self: Secret) -> bytes:
        return hashlib.sha256(self.text[: -CHECKSUM_LENGTH - 1].encode()).digest()

    with replaced(Secret, "hash", property(begun)):
        yield
