"""How a group of routes speaks: which media types it reads, and how it writes an error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from freehold.errors import ApiError
from freehold.http import problems
from freehold.http.problems import Rendered


@dataclass(frozen=True, slots=True)
class Dialect:
    """`render` takes the error and the request's id."""

    reads: tuple[str, ...]
    render: Callable[[ApiError, str], Rendered]
    also: Mapping[type[Exception], Callable[[Any], Rendered]] = field(default_factory=dict)
    """Errors that are the protocol's own, and how each is written."""
    unread: bool = False
    """True where nobody reads a body before its signature is verified; whoever reads it then checks its JSON."""


PLAIN = Dialect(("application/json",), problems.render)
