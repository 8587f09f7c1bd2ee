"""Connecting identity providers, claiming domains, and coming in by them."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from freehold import permissions
from freehold.callers import person_of
from freehold.database import Answer, Caller, Database, Remembered, Visitor
from freehold.errors import (
    BacklogFull,
    InvalidInput,
    LimitReached,
    NotAMember,
    PreconditionFailed,
)
from freehold.fields import IfMatch
from freehold.ids import MemberId
from freehold.jobs.models import Job
from freehold.settings import Issuer
from freehold.sso import queries
from freehold.sso.models import (
    BreakGlass,
    Connection,
    ConnectionChange,
    ConnectionId,
    Domain,
    DomainId,
    NewConnection,
    NewDomain,
    SignedIn,
)
from freehold.sso.verification import VERIFY_DOMAIN, Wanted

CHALLENGE = 24  # random bytes


def sign_in(db: Database, visitor: Visitor) -> SignedIn:
    """The member that the visitor is in the tenant of their provider.

    Raises NotAMember, NotLinked, SessionEnded, and LimitReached where no seat is free.
    """
    own = visitor.identity.own
    if own is None:
        raise NotAMember(
            "Only who comes by a tenant's own identity provider signs in here. GET /v1/tenants lists yours."
        )
    try:
        return db.outside(queries.sign_in(visitor, own))
    except LimitReached as full:
        raise full.to_who_is_not_in_yet() from full


def connect(
    db: Database, caller: Caller, new: NewConnection, common: Sequence[Issuer], once: Remembered | None
) -> Answer[Connection]:
    """A new connection. Raises IssuerTaken, ExceedsYours; InvalidInput for one of the issuers that are everybody's."""
    person_of(caller)  # who says who comes in answers for it with all that they hold, and a key may hold less
    if new.issuer in {issuer.issuer for issuer in common}:
        raise InvalidInput("Everybody signs in by this issuer already. Connect one that is your own.")
    return db.run(caller, permissions.SSO_WRITE, queries.insert_connection(new), once=once)


def read_connection(db: Database, caller: Caller, connection_id: ConnectionId) -> Connection:
    """One connection."""
    return db.one(caller, permissions.SSO_READ, queries.connection(connection_id))


def read_connections(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of connections as JSON."""
    return db.one(caller, permissions.SSO_READ, queries.connections(limit, cursor))


def change_connection(
    db: Database, caller: Caller, connection_id: ConnectionId, wanted: ConnectionChange, if_match: IfMatch
) -> Connection:
    """The connection, changed. Raises PreconditionFailed when somebody changed it first, and what `connect` raises."""
    person_of(caller)
    with db.transaction(caller, permissions.SSO_WRITE) as tx:
        current = tx.get(queries.lock_connection(connection_id))
        if not if_match.matches(current.version):
            raise PreconditionFailed
        desired = current.model_copy(update=wanted.model_dump(exclude_none=True))
        # Also where nothing is different: from now on the caller answers for it.
        changed = tx.put(queries.update_connection(desired))
    return changed.value


def disconnect(db: Database, caller: Caller, connection_id: ConnectionId) -> None:
    """Remove a connection. Raises SsoNotReady for the last one where single sign-on is required."""
    db.run(caller, permissions.SSO_WRITE, queries.delete_connection(connection_id))


def claim(db: Database, caller: Caller, new: NewDomain, once: Remembered | None) -> Answer[Domain]:
    """A domain to be verified. Raises DomainTaken."""
    challenge = secrets.token_urlsafe(CHALLENGE)
    return db.run(caller, permissions.SSO_WRITE, queries.insert_domain(new, challenge), once=once)


def read_domain(db: Database, caller: Caller, domain_id: DomainId) -> Domain:
    """One domain."""
    return db.one(caller, permissions.SSO_READ, queries.domain(domain_id))


def read_domains(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of domains as JSON."""
    return db.one(caller, permissions.SSO_READ, queries.domains(limit, cursor))


def verify(db: Database, caller: Caller, domain_id: DomainId, once: Remembered | None) -> Answer[Job]:
    """The job that asks the DNS. Raises BacklogFull."""
    write = queries.insert_job(domain_id, VERIFY_DOMAIN, Wanted(domain_id=domain_id))
    try:
        return db.run(caller, permissions.SSO_WRITE, write, once=once)
    except BacklogFull:
        db.one(caller, permissions.SSO_WRITE, queries.domain(domain_id))  # raises NotFound: it is rather this
        raise


def give_up(db: Database, caller: Caller, domain_id: DomainId) -> None:
    """Remove a domain. Raises SsoNotReady for the last verified one where single sign-on is required."""
    db.run(caller, permissions.SSO_WRITE, queries.delete_domain(domain_id))


def break_glass(
    db: Database, caller: Caller, member_id: MemberId, once: Remembered | None, *, allowed: bool
) -> Answer[BreakGlass]:
    """Let an owner in past single sign-on, or no longer. Raises BreakGlassUnfit, SsoNotReady."""
    person_of(caller)
    return db.run(caller, permissions.TENANT_OWN, queries.set_break_glass(member_id, allowed=allowed), once=once)
