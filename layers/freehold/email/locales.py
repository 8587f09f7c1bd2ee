"""Which of the languages that we have comes closest to the one that somebody wants (RFC 4647, section 3.4)."""

from collections.abc import Iterator

DEFAULT = "en"


def closest(wanted: str, available: frozenset[str]) -> str:
    """`de` for `de-AT` where there is no `de-AT`; English where there is nothing near."""
    return next((tag for tag in _ranges(wanted.lower()) if tag in available), DEFAULT)


def _ranges(tag: str) -> Iterator[str]:
    """The tag, then shorter and shorter; a single letter announces what follows, and goes with it."""
    subtags = tag.split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()
