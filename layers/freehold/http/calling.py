"""Who calls, and in which tenant: out of the event, for FastAPI and lean functions alike."""

from uuid import UUID

from freehold.api_keys.secrets import read_key
from freehold.database import ActingCaller, Caller, Database, Identity, KeyCaller, PersonCaller
from freehold.decisions.asked import Asked
from freehold.decisions.book import book
from freehold.errors import ApiKeyRefused, InvalidInput, TenantMismatch, Unauthenticated
from freehold.http.authorization import bearer, identity
from freehold.http.events import Event
from freehold.http.tolls import current
from freehold.ids import TenantId
from freehold.operators.tokens import read_token
from freehold.settings import settings
from freehold.tenants.only_tenant import OnlyTenants
from freehold.wording import AN_ID

TENANT = "freehold-tenant"

only_tenants = OnlyTenants()


def caller_of(event: Event, db: Database, named: TenantId | None) -> Caller:
    """Whoever calls, in the tenant that they name or the only one that they have. Raises a 4xx ApiError."""
    if event.who.get("kind") == "api_key":
        return _key(event, named)
    if event.who.get("kind") == "acting":
        return _acting(event, named)
    person = identity(event.who)
    tenant_id = _own_tenant(person, named) or named or only_tenants.of(db, person, believing=event.method == "GET")
    return PersonCaller(
        tenant_id=tenant_id,
        identity=person,
        request_id=event.request_id,
        address=event.address,
        asked=Asked(book, (tenant_id, (person.issuer, person.subject))),
        toll=current(),
    )


def named_tenant(event: Event) -> TenantId | None:
    """The tenant that the request names, as FastAPI would have read it. Raises InvalidInput."""
    given = event.headers.get(TENANT)
    if not given:
        return None
    try:
        return TenantId(UUID(given))
    except ValueError:
        wrong = {"field": f"header.{TENANT}", "message": AN_ID}
        raise InvalidInput(errors=[wrong]) from None


def _own_tenant(person: Identity, named: TenantId | None) -> TenantId | None:
    """The tenant whose own provider vouches for them, if one does. Raises TenantMismatch where they name another."""
    if person.own is None:
        return None
    if named not in (None, person.own.tenant_id):
        raise TenantMismatch
    return person.own.tenant_id


def _key(event: Event, named: TenantId | None) -> KeyCaller:
    token = bearer(event.headers)
    if token is None:
        raise ApiKeyRefused
    key = read_key(token, settings().key_mode)
    if named not in (None, key.tenant_id):
        raise TenantMismatch
    return KeyCaller(
        tenant_id=key.tenant_id,
        secret_hash=key.hash,
        request_id=event.request_id,
        address=event.address,
        asked=Asked(book, (key.tenant_id, key.hash)),
        toll=current(),
    )


def _acting(event: Event, named: TenantId | None) -> ActingCaller:
    text = bearer(event.headers)
    if text is None:
        raise Unauthenticated
    token = read_token(text, settings().key_mode)
    if named not in (None, token.tenant_id):
        raise TenantMismatch
    return ActingCaller(
        tenant_id=token.tenant_id,
        token_hash=token.hash,
        request_id=event.request_id,
        address=event.address,
        asked=Asked(book, (token.tenant_id, token.hash)),
        toll=current(),
    )
