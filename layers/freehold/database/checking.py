"""Entering as nobody: the door has to refuse that, and in refusing shows that network, login, schema and door fit."""

from uuid import UUID

from freehold.callers import KeyCaller, WorkerCaller
from freehold.database.border import TenantGone
from freehold.database.session import database
from freehold.database.statement import Query
from freehold.errors import ApiKeyRefused
from freehold.ids import TenantId
from freehold.permissions import TENANT_READ

_WORKER = "check_release"
"""Who asks, in the words of the door: no worker of that name does anything."""
_NOBODY = TenantId(UUID(int=0))
_NOTHING = Query("select 1", {}, lambda result: result.fetchone())


class DoorOpen(Exception):
    """The door let somebody in who does not exist. This version must get no request."""


def enter(role: str) -> None:
    """As nobody, in this role. Raises what stood in the way of being refused."""
    db, request_id = database(role), _WORKER
    try:
        match role:
            case "freehold_api":
                key = KeyCaller(tenant_id=_NOBODY, secret_hash=bytes(32), request_id=request_id, address="")
                db.one(key, TENANT_READ, _NOTHING)
            case "freehold_worker":
                db.working(WorkerCaller(tenant_id=_NOBODY, worker=_WORKER, request_id=request_id)).one(_NOTHING)
            case _:
                db.ping()
                return
    except (ApiKeyRefused, TenantGone):
        return
    raise DoorOpen(str(DoorOpen.__doc__))
