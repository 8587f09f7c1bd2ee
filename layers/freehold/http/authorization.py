"""What the authorizer tells the functions about a request, written and read in one place.

It says who, and until when; whether they may is the door's to decide. A refused token is passed on with its reason, so
that the caller gets a problem that says what to do instead of the gateway's bare 403; only a refusal can come of it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from freehold import clock
from freehold.callers import Identity, OwnProvider
from freehold.errors import (
    ApiError,
    ApiKeyRefused,
    Busy,
    IssuerUnavailable,
    PersonRequired,
    ScimTokenMisplaced,
    ScimTokenRefused,
    Unauthenticated,
    Unavailable,
)
from freehold.identity.models import Claims
from freehold.ids import TenantId

REFUSALS: dict[str, type[ApiError]] = {
    kind.code: kind for kind in (Unauthenticated, ApiKeyRefused, ScimTokenRefused, IssuerUnavailable, Unavailable, Busy)
}


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of the Authorization header, None where there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def person(claims: Claims) -> dict[str, Any]:
    """The context of a verified access token."""
    return {"kind": "person", **claims.model_dump(exclude_none=True)}


def person_of(claims: Claims, own: OwnProvider) -> dict[str, Any]:
    """The context of a verified access token of a tenant's own provider."""
    return person(claims) | {"tenant_id": str(own.tenant_id), "connection_id": str(own.connection_id)}


def api_key() -> dict[str, Any]:
    """The context of a well-formed API key; the key itself stays in its header."""
    return {"kind": "api_key"}


def scim_token() -> dict[str, Any]:
    """The context of a well-formed SCIM token; the token itself stays in its header."""
    return {"kind": "scim"}


def acting() -> dict[str, Any]:
    """The context of a well-formed token of an operator who acts as a member; the token stays in its header."""
    return {"kind": "acting"}


def refused(error: ApiError) -> dict[str, Any]:
    """The context of a token that was refused."""
    return {"kind": "refused", "code": error.code, "detail": error.detail}


def identity(who: Mapping[str, Any]) -> Identity:
    """The person of a context. Raises Unauthenticated, and what says so for a key or a SCIM token."""
    match who.get("kind"):
        case "person":
            return _identity(Claims.model_validate(who, by_name=True), _own_provider(who))
        case "api_key" | "acting":
            raise PersonRequired
        case "scim":
            raise ScimTokenMisplaced
        case "refused":
            raise REFUSALS.get(str(who.get("code")), Unauthenticated)(str(who.get("detail", "")))
        case _:
            raise Unauthenticated


def _own_provider(who: Mapping[str, Any]) -> OwnProvider | None:
    if "tenant_id" not in who:
        return None
    return OwnProvider(tenant_id=TenantId(UUID(who["tenant_id"])), connection_id=UUID(who["connection_id"]))


def _identity(claims: Claims, own: OwnProvider | None) -> Identity:
    if claims.expires_at <= clock.now().timestamp():
        raise Unauthenticated("The access token was refused: it has expired.")
    return Identity(
        issuer=f"sso:{own.tenant_id}:{claims.issuer}" if own else claims.issuer,
        subject=claims.subject,
        issued_at=datetime.fromtimestamp(claims.issued_at, UTC),
        email=claims.email,
        name=claims.name,
        email_verified=claims.email_verified,
        mfa=claims.mfa,
        own=own,
    )
