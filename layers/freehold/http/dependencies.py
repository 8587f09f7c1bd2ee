"""What a route asks for: the database, the event, and who is calling."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request

from freehold.database import Caller, Database, Visitor, database
from freehold.http.authorization import identity
from freehold.http.calling import caller_of
from freehold.http.events import Event
from freehold.ids import TenantId


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
    return caller_of(event, db, TenantId(freehold_tenant) if freehold_tenant else None)


CurrentVisitor = Annotated[Visitor, Depends(_visitor)]
CurrentCaller = Annotated[Caller, Depends(_caller)]
