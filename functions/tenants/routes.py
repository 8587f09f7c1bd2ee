"""/v1/tenants for signing up and finding one's tenants, /v1/tenant for the current one."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, CurrentVisitor, Db
from freehold.http.etags import RequiredIfMatch, etag
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.tenants import service
from freehold.tenants.models import Memberships, NewTenant, Tenant, TenantChange

router = APIRouter(tags=["Tenants"])


@router.post("/v1/tenants", status_code=201, summary="Sign up: create a tenant that you own")
async def sign_up(new: NewTenant, visitor: CurrentVisitor, db: Db, once: IdempotencyKey, response: Response) -> Tenant:
    """Any signed-in person may create a tenant and becomes its owner."""
    tenant = unpack(service.sign_up(db, visitor, new, once), response)
    response.headers["ETag"] = etag(tenant.version)
    return tenant


@router.get("/v1/tenants", summary="List the tenants that you belong to")
async def list_mine(visitor: CurrentVisitor, db: Db) -> Memberships:
    """Where the signed-in person is an active member."""
    return service.tenants_of(db, visitor.identity)


@router.get("/v1/tenant", summary="Read the current tenant")
async def read(caller: CurrentCaller, db: Db, response: Response) -> Tenant:
    """The tenant that the request acts in."""
    tenant = service.read(db, caller)
    response.headers["ETag"] = etag(tenant.version)
    return tenant


@router.patch("/v1/tenant", summary="Change the current tenant")
async def change(
    wanted: TenantChange, caller: CurrentCaller, db: Db, if_match: RequiredIfMatch, response: Response
) -> Tenant:
    """What is left out stays as it is."""
    tenant = service.change(db, caller, wanted, if_match)
    response.headers["ETag"] = etag(tenant.version)
    return tenant
