"""The token of a directory is read once in a process, and kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.http import scim
from freehold.scim import tokens
from freehold.scim.tokens import Presented
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /scim/v2/Users",), families=("routes",), principals=("directory of A", "directory of B"))


@contextmanager
def plant() -> Iterator[None]:
    """The first one that came is everybody's."""
    kept: list[Presented] = []
    honest = tokens.read_token

    def read(text: str, mode: str) -> Presented:
        kept.append(honest(text, mode))
        return kept[0]

    with replaced(scim, "read_token", read):
        yield
