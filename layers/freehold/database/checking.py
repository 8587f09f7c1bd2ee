"""What a new version is asked before it gets its first request: whether its database lets it in.

A deploy calls it with `{"check_release": "…"}`, which no gateway, queue or clock sends. It enters as nobody: the door
has to refuse that, and in refusing shows that code, network, login, schema and door fit together.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from freehold.callers import KeyCaller, WorkerCaller
from freehold.database.border import TenantGone
from freehold.database.session import database
from freehold.database.statement import Query
from freehold.errors import ApiKeyRefused
from freehold.ids import TenantId
from freehold.permissions import TENANT_READ
from freehold.settings import settings

ASKED = "check_release"
API, WORKER = "freehold_api", "freehold_worker"

_NOBODY = TenantId(UUID(int=0))
_NOTHING = Query("select 1", {}, lambda result: result.fetchone())


class DoorOpen(Exception):
    """The door let somebody in who does not exist. This version must get no request."""


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
    for role in roles:
        _enter(role)
    return {"checked": [*roles]}


def _enter(role: str) -> None:
    db, request_id = database(role), ASKED
    try:
        match role:
            case "freehold_api":
                key = KeyCaller(tenant_id=_NOBODY, secret_hash=bytes(32), request_id=request_id, address="")
                db.one(key, TENANT_READ, _NOTHING)
            case "freehold_worker":
                db.working(WorkerCaller(tenant_id=_NOBODY, worker=ASKED, request_id=request_id)).one(_NOTHING)
            case _:
                db.ping()
                return
    except (ApiKeyRefused, TenantGone):
        return
    raise DoorOpen(str(DoorOpen.__doc__))
