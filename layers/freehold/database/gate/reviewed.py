"""What breaks a rule and was found right all the same: by rule and object, each with its reason.

The platform's stands beside this file, the product's beside its migrations. Another word in one of them is an error.
"""

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec

from pydantic import BaseModel, ConfigDict, Field

SOURCES = (("freehold.database.gate", "reviewed.toml"), ("product", "migrations/reviewed.toml"))


class Reviewed(BaseModel):
    """One exception; `object` is what the rule's sentence names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    object: str
    reason: str = Field(min_length=10)


class Review(BaseModel):
    """One file of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reviewed: tuple[Reviewed, ...] = ()


def reviewed() -> tuple[Reviewed, ...]:
    """The platform's exceptions, then the product's. Raises pydantic's ValidationError on a file of another shape."""
    return tuple(
        found
        for package, path in SOURCES
        if find_spec(package) and (file := files(package).joinpath(*path.split("/"))).is_file()
        for found in _read(file)
    )


def _read(file: Traversable) -> tuple[Reviewed, ...]:
    return Review.model_validate(tomllib.loads(file.read_text())).reviewed
