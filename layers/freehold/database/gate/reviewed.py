"""What breaks a rule and was found right all the same: by rule and object, each with its reason.

The platform's stands beside this file, the product's beside its migrations. Another word in one of them is an error.
"""

import tomllib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

SOURCES = (("freehold.database.gate", "reviewed.toml"), ("product", "migrations/reviewed.toml"))


class ReviewUnreadable(Exception):
    """A reviewed.toml is no TOML, or says something else than entries do; the sentence names the file and the place."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"{file} cannot be read: {why}.")
        self.file = file


class Reviewed(BaseModel):
    """One exception; `object` is what the rule's sentence names.

    A function's ends with ` @ ` and twelve hexadecimal digits of its body, owner and settings: the review is of those.
    `until` names the migration that takes the object away again: it excuses what ran before, and no settled schema.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    object: str
    reason: str = Field(min_length=10)
    until: str | None = None


class Review(BaseModel):
    """One file of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reviewed: tuple[Reviewed, ...] = ()


def reviewed() -> tuple[Reviewed, ...]:
    """The platform's exceptions, then the product's. Raises ReviewUnreadable on a file of another shape."""
    return tuple(
        found
        for package, path in SOURCES
        if find_spec(package) and (file := files(package).joinpath(*path.split("/"))).is_file()
        for found in read(file, named=f"{package.replace('.', '/')}/{path}")
    )


def read(file: Traversable, *, named: str) -> tuple[Reviewed, ...]:
    """The entries of one file. Raises ReviewUnreadable, which calls the file as it is `named`."""
    try:
        return _entries(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ReviewUnreadable(named, f"it is no TOML: {error}") from error
    except ValidationError as error:
        raise ReviewUnreadable(named, "; ".join(map(_wrong, error.errors()))) from error


@lru_cache(maxsize=len(SOURCES))
def _entries(text: str) -> tuple[Reviewed, ...]:
    return Review.model_validate(tomllib.loads(text)).reviewed


def _wrong(error: ErrorDetails) -> str:
    """What one of pydantic's errors says, in words: entries are counted from 1."""
    place = [f"entry {each + 1}" if isinstance(each, int) else each for each in error["loc"] if each != "reviewed"]
    return f"{', '.join([*place, ''])}{error['msg'][:1].lower()}{error['msg'][1:]}"
