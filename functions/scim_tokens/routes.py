"""/v1/scim-tokens."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.guards import requires
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.scim import connections
from freehold.scim.models import NewScimToken, ScimToken, ScimTokenId, ScimTokenWithSecret

router = APIRouter(prefix="/v1/scim-tokens", tags=["SCIM"])


@router.post("", status_code=201, summary="Connect a directory", dependencies=[requires("scim")])
async def create(
    new: NewScimToken, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> ScimTokenWithSecret:
    """The token is in this answer and nowhere else, ever. Give it to your identity provider, with /scim/v2."""
    return unpack(connections.create(db, caller, new, once), response)


@router.get("", response_model=Page[ScimToken], summary="List the connections of directories")
async def list_all(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first, revoked ones included."""
    return json_page(connections.read_page(db, caller, page.limit, page.cursor))


@router.delete("/{scim_token_id}", status_code=204, summary="End the connection of a directory")
async def revoke(scim_token_id: ScimTokenId, caller: CurrentCaller, db: Db) -> None:
    """Its token is refused from the next request on. The people whom it made stay."""
    connections.revoke(db, caller, scim_token_id)
