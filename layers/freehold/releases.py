"""What a new version is asked before it gets its first request: whether its database lets it in.

A deploy calls it with `{"check_release": "…"}`, which no gateway, queue or clock sends. A function without a database
has nothing to enter, and loads nothing for it.
"""

from collections.abc import Callable
from typing import Any

from freehold.settings import settings

ASKED = "check_release"
API, WORKER = "freehold_api", "freehold_worker"


def checked[**P, R](*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | dict[str, Any]]]:
    """A handler that answers the check as well, as each role that it logs in as."""

    def decorate(handler: Callable[P, R]) -> Callable[P, R | dict[str, Any]]:
        def answer(*args: P.args, **kwargs: P.kwargs) -> R | dict[str, Any]:
            event = args[0]
            return check(*roles) if isinstance(event, dict) and ASKED in event else handler(*args, **kwargs)

        return answer

    return decorate


def check(*roles: str) -> dict[str, Any]:
    """The roles that reached the database; none for a function that has no database. Raises what stood in the way."""
    if not settings().database:
        return {"checked": []}
    from freehold.database.checking import enter  # noqa: PLC0415 (only where there is a database)

    for role in roles:
        enter(role)
    return {"checked": [*roles]}
