"""/v1/roles and /v1/permissions."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.etags import RequiredIfMatch, etag
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.roles import service
from freehold.roles.models import NewRole, Permissions, RoleChange, RoleId, RoleInfo, RoleRef, Roles

router = APIRouter(prefix="/v1", tags=["Roles"])


@router.get("/permissions", summary="List everything that can be allowed")
async def list_permissions(caller: CurrentCaller, db: Db) -> Permissions:
    """Roles and the scopes of API keys are made of these."""
    return service.read_permissions(db, caller)


@router.post("/roles", status_code=201, summary="Create a role of your own")
async def create(new: NewRole, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> RoleInfo:
    """With permissions that you hold yourself."""
    return _shown(unpack(service.create(db, caller, new, once), response), response)


@router.get("/roles", summary="List the roles of the tenant")
async def list_all(caller: CurrentCaller, db: Db) -> Roles:
    """Those that every tenant has, then its own."""
    return service.read_all(db, caller)


@router.get("/roles/{role_id}", summary="Read a role")
async def read(role_id: RoleRef, caller: CurrentCaller, db: Db, response: Response) -> RoleInfo:
    """By the name of one that every tenant has, or the id of one of your own."""
    return _shown(service.read(db, caller, role_id), response)


@router.patch("/roles/{role_id}", summary="Change a role of your own")
async def change(
    role_id: RoleId, wanted: RoleChange, caller: CurrentCaller, db: Db, if_match: RequiredIfMatch, response: Response
) -> RoleInfo:
    """What is left out stays as it is. Whoever has the role has the new one from their next request on."""
    return _shown(service.change(db, caller, role_id, wanted, if_match), response)


@router.delete("/roles/{role_id}", status_code=204, summary="Delete a role of your own")
async def delete(role_id: RoleId, caller: CurrentCaller, db: Db) -> None:
    """Once nobody has it: no member, no grant, no invitation."""
    service.delete(db, caller, role_id)


def _shown(role: RoleInfo, response: Response) -> RoleInfo:
    response.headers["ETag"] = etag(role.version)
    return role
