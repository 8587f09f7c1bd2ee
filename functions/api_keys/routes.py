"""/v1/api-keys."""

from fastapi import APIRouter, Response

from freehold.api_keys import service
from freehold.api_keys.models import ApiKey, ApiKeyWithSecret, KeyRotation, NewApiKey
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.ids import ApiKeyId

router = APIRouter(prefix="/v1/api-keys", tags=["API keys"])
AT_ONCE = KeyRotation()
"""What a rotation without a body wants."""


@router.post("", status_code=201, summary="Create an API key")
async def create(
    new: NewApiKey, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> ApiKeyWithSecret:
    """The secret is in this answer and nowhere else, ever."""
    return unpack(service.create(db, caller, new, once), response)


@router.get("", response_model=Page[ApiKey], summary="List the API keys of the tenant")
async def list_all(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first, revoked ones included."""
    return json_page(service.read_page(db, caller, page.limit, page.cursor))


@router.get("/{api_key_id}", summary="Read an API key")
async def read(api_key_id: ApiKeyId, caller: CurrentCaller, db: Db) -> ApiKey:
    """One key, without its secret."""
    return service.read(db, caller, api_key_id)


@router.post("/{api_key_id}/rotate", summary="Give an API key a new secret")
async def rotate(
    api_key_id: ApiKeyId,
    caller: CurrentCaller,
    db: Db,
    once: IdempotencyKey,
    response: Response,
    wanted: KeyRotation = AT_ONCE,
) -> ApiKeyWithSecret:
    """The former secret is refused when the overlap is over, at once where there is none. One before it always is."""
    return unpack(service.rotate(db, caller, api_key_id, wanted, once), response)


@router.delete("/{api_key_id}", status_code=204, summary="Revoke an API key")
async def revoke(api_key_id: ApiKeyId, caller: CurrentCaller, db: Db) -> None:
    """It is refused from the next request on, by a former secret too."""
    service.revoke(db, caller, api_key_id)
