"""What a route asks for: the database, the event, and who is calling."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request

from freehold.api_keys.secrets import read_key
from freehold.database import (
    ActingCaller,
    Caller,
    Database,
    Identity,
    KeyCaller,
    PersonCaller,
    Visitor,
    database,
)
from freehold.errors import ApiKeyRefused, TenantMismatch, Unauthenticated
from freehold.http.authorization import bearer, identity
from freehold.http.events import Event
from freehold.ids import TenantId
from freehold.operators.tokens import read_token
from freehold.settings import settings
from freehold.tenants.only_tenant import OnlyTenants

only_tenants = OnlyTenants()


async def _event(request: Request) -> Event:
    return Event(request.scope["aws.event"])


async def _database() -> Database:
    return database()


CurrentEvent = Annotated[Event, Depends(_event)]
Db = Annotated[Database, Depends(_database)]


async def _visitor(event: CurrentEvent) -> Visitor:
    return Visitor(identity=identity(event.who), request_id=event.request_id, address=event.address)


async def _caller(
    event: CurrentEvent,
    db: Db,
    freehold_tenant: Annotated[
        UUID | None, Header(description="The tenant to act in, if you belong to several")
    ] = None,
) -> Caller:
    tenant_id = TenantId(freehold_tenant) if freehold_tenant else None
    if event.who.get("kind") == "api_key":
        return _key(event, tenant_id)
    if event.who.get("kind") == "acting":
        return _acting(event, tenant_id)
    person = identity(event.who)
    return PersonCaller(
        tenant_id=_own_tenant(person, tenant_id)
        or tenant_id
        or only_tenants.of(db, person, believing=event.method == "GET"),
        identity=person,
        request_id=event.request_id,
        address=event.address,
    )


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
    return KeyCaller(tenant_id=key.tenant_id, secret_hash=key.hash, request_id=event.request_id, address=event.address)


def _acting(event: Event, named: TenantId | None) -> ActingCaller:
    text = bearer(event.headers)
    if text is None:
        raise Unauthenticated
    token = read_token(text, settings().key_mode)
    if named not in (None, token.tenant_id):
        raise TenantMismatch
    return ActingCaller(
        tenant_id=token.tenant_id, token_hash=token.hash, request_id=event.request_id, address=event.address
    )


CurrentVisitor = Annotated[Visitor, Depends(_visitor)]
CurrentCaller = Annotated[Caller, Depends(_caller)]
