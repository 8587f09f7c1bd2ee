"""A text as an attacker reads it: also what stands in it in base64, percent-encoded, or in capitals."""

import base64
import re
from collections.abc import Iterator
from urllib.parse import unquote

SHORTEST = 16  # letters of base64 that can hold a mark or half an id
DEEPEST = 2
AN_IDS_BYTES, VERSIONS = 16, (4, 7)
BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{SHORTEST},}}")
AN_ID = re.compile(r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})")
TO_ONE_ALPHABET = str.maketrans("-_", "+/")


def readings(text: str, depth: int = 0) -> Iterator[str]:
    """The text itself first, then everything that can be read out of it."""
    yield text
    if depth == DEEPEST:
        return
    if (plain := unquote(text)) != text:
        yield from readings(plain, depth + 1)
    for run in BASE64.findall(text):
        for decoded in _decoded(run):
            yield from readings(decoded, depth + 1)


def ids(text: str) -> set[str]:
    """Every id in a text, in one spelling, however it is spelt there."""
    return {"-".join(parts) for parts in AN_ID.findall(text.lower())}


def _decoded(run: str) -> Iterator[str]:
    """From each of the four places where it may begin; what is no text is none of a customer's."""
    for start in range(4):
        part = run[start:].translate(TO_ONE_ALPHABET)
        data = base64.b64decode(part[: len(part) // 4 * 4] + _rest(part))
        text = data.decode(errors="replace")
        if text.isascii() or text.count("\ufffd") * 4 < len(text):
            yield text
        if len(data) == AN_IDS_BYTES and data[6] >> 4 in VERSIONS:
            yield data.hex()


def _rest(part: str) -> str:
    """The last group, padded; a single letter holds nothing."""
    last = part[len(part) // 4 * 4 :]
    return last + "=" * (4 - len(last)) if len(last) > 1 else ""
