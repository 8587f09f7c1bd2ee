"""/v1/operator-visits."""

from uuid import UUID

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.operators import service
from freehold.operators.models import Acting, OperatorVisit

router = APIRouter(prefix="/v1/operator-visits", tags=["Operator visits"])


@router.get("", response_model=Page[OperatorVisit], summary="List when operators looked at the tenant, and why")
async def list_all(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first. Operators are the people who run this service."""
    return json_page(service.read_page(db, caller, page.limit, page.cursor))


@router.post("/{visit_id}/end", summary="Stop an operator who acts as a member")
async def end(visit_id: UUID, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Acting:
    """They are refused from the next request on. To keep all of them out, change `support_access` of the tenant."""
    return unpack(service.end(db, caller, visit_id, once), response)
