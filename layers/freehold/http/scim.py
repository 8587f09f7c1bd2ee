"""SCIM on the wire (RFC 7644 §3.1, §3.12): its media type, its errors, its versions, and whose directory is calling."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from scim2_models import InvalidSyntaxException, SCIMException

from freehold.database import ScimCaller
from freehold.decisions.asked import Asked
from freehold.decisions.book import book
from freehold.errors import (
    AlreadyExists,
    ApiError,
    BadRequest,
    InvalidInput,
    LimitReached,
    NotFound,
    ReferenceNotFound,
    ScimTokenRefused,
    ScimTokenRequired,
)
from freehold.http.authorization import bearer, identity
from freehold.http.dependencies import CurrentEvent
from freehold.http.dialect import Dialect
from freehold.http.named_etags import names
from freehold.http.problems import Rendered, rule_of
from freehold.http.tolls import current
from freehold.scim.models import Directory
from freehold.scim.openapi import MEDIA_TYPE
from freehold.scim.resources import Shown
from freehold.scim.tokens import read_token
from freehold.settings import settings

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
TYPES: Mapping[type[ApiError], str] = {
    AlreadyExists: "uniqueness",
    ReferenceNotFound: "invalidValue",
    InvalidInput: "invalidSyntax",
    BadRequest: "invalidSyntax",
}
"""The scimType of what other features refuse; those of SCIM's own errors come with them."""
AS_400 = (InvalidInput, ReferenceNotFound)
"""RFC 7644 knows no 422."""


FULL = "Your plan has {most} seats, all taken ({rule}). Free one or have an admin buy more, then send it again."
"""An administrator of a directory reads it in that directory's log."""


def render(error: ApiError, _request_id: str) -> Rendered:
    """The error as RFC 7644 §3.12 writes it."""
    rule = rule_of(error)
    if isinstance(error, LimitReached) and error.members.get("limit") == "seats":
        return _rendered(403, FULL.format(most=error.members["most"], rule=rule), None, {})
    status = 400 if isinstance(error, AS_400) else error.status
    detail = f"{error.detail} ({rule})" if rule else error.detail
    return _rendered(status, detail, TYPES.get(type(error)), error.headers)


def render_scim(error: SCIMException) -> Rendered:
    """Likewise, of one that is SCIM's own."""
    return _rendered(error.status, error.detail, error.scim_type, {})


SCIM = Dialect((MEDIA_TYPE, "application/json"), render, {SCIMException: render_scim})


async def _directory(event: CurrentEvent) -> Directory:
    kind = event.who.get("kind")
    if kind not in {"scim", "api_key"}:
        identity(event.who)  # a token that was refused says why
    if kind != "scim":
        raise ScimTokenRequired
    token = bearer(event.headers)
    if token is None:
        raise ScimTokenRefused
    read = read_token(token, settings().key_mode)
    caller = ScimCaller(
        tenant_id=read.tenant_id,
        token_hash=read.hash,
        request_id=event.request_id,
        address=event.address,
        asked=Asked(book, (read.tenant_id, read.hash)),
        toll=current(),
    )
    return Directory(caller, f"https://{event.host}/scim/v2")


async def _id(resource_id: str) -> UUID:
    try:
        return UUID(resource_id)
    except ValueError:
        raise NotFound from None


async def _document(event: CurrentEvent) -> Mapping[str, Any]:
    document = json.loads(event.body) if event.body else None
    if not isinstance(document, dict):
        raise InvalidSyntaxException(detail="The request has no JSON object as its body.")
    return document


async def _query(event: CurrentEvent) -> Mapping[str, str]:
    query: Mapping[str, str] = event.raw.get("queryStringParameters") or {}
    return query


async def _if_match(event: CurrentEvent) -> Callable[[str], bool] | None:
    given = event.headers.get("if-match")
    return None if given is None else partial(names, given)


CurrentDirectory = Annotated[Directory, Depends(_directory)]
ResourceId = Annotated[UUID, Depends(_id)]
Document = Annotated[Mapping[str, Any], Depends(_document)]
Query = Annotated[Mapping[str, str], Depends(_query)]
IfMatch = Annotated[Callable[[str], bool] | None, Depends(_if_match)]


def unconditional(_etag: str) -> bool:
    """What a change without If-Match asks for."""
    return True


def answer(shown: Shown, *, status: int = 200) -> Response:
    """A resource with its version and its place."""
    headers = {"ETag": shown.etag, "Location": shown.location} if "meta" in shown.document else {"ETag": shown.etag}
    return written(shown.document, status=status, headers=headers)


def unless_known(shown: Shown, event: CurrentEvent) -> Response:
    """A resource, or 304 where the caller has this version of it."""
    known = event.headers.get("if-none-match")
    if known is not None and names(known, shown.etag):
        return Response(status_code=304, headers={"ETag": shown.etag})
    return answer(shown)


def written(document: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A document of SCIM."""
    return Response(json.dumps(document), status, headers, media_type=MEDIA_TYPE)


def listed(resources: list[dict[str, Any]], *, total: int, start: int = 1) -> Response:
    """A list (RFC 7644 §3.4.2)."""
    return written(
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": len(resources),
            "Resources": resources,
        }
    )


def _rendered(status: int, detail: str, scim_type: str | None, headers: Mapping[str, str]) -> Rendered:
    document: dict[str, Any] = {"schemas": [ERROR], "status": str(status), "detail": detail}
    if scim_type:
        document["scimType"] = scim_type
    return Rendered(status, {**headers, "Content-Type": MEDIA_TYPE}, json.dumps(document).encode())
