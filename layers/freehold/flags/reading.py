"""Reads a flag from JSON, or says every sentence about what is wrong with it."""

from collections.abc import Iterable

from pydantic import ValidationError

from freehold.flags.models import Flag
from freehold.wording import worded

TAGS = ("~variant", "~split", "[key]")
"""What pydantic adds to a path and no definition says."""


class FlagUnfit(ValueError):
    """The definition cannot be used."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(self.sentences))


def read_flag(definition: object) -> Flag:
    """From what JSON holds. Raises FlagUnfit."""
    try:
        return Flag.model_validate(definition)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        raise FlagUnfit(f"{_where(each['loc'])}{worded(each)}." for each in wrong) from None


def _where(path: tuple[int | str, ...]) -> str:
    """`rules #1, when #2, op: `; nothing for the whole."""
    told = (f" #{part + 1}" if isinstance(part, int) else f", {part}" for part in path if part not in TAGS)
    text = "".join(told).lstrip(", ")
    return f"{text.encode('ascii', 'backslashreplace').decode()[:200]}: " if text else ""
