"""The statements of requests about single sign-on."""

from typing import LiteralString
from uuid import UUID

from pydantic import BaseModel

from freehold.callers import OwnProvider
from freehold.database import Query, Statement, Visitor, Write, every, lone, one, page, write
from freehold.errors import BacklogFull, NotAMember
from freehold.ids import MemberId
from freehold.jobs.kinds import Kind
from freehold.jobs.models import Job
from freehold.jobs.queries import COLUMNS as JOB
from freehold.jobs.queries import PLACE
from freehold.roles.models import role_columns
from freehold.sso import events
from freehold.sso.models import (
    BreakGlass,
    Connection,
    ConnectionId,
    Domain,
    DomainId,
    NewConnection,
    NewDomain,
    Registration,
    SignedIn,
)

CONNECTION: LiteralString = (
    "id, issuer, audience, coalesce(role, custom_role::text) as default_role, jit, status, answered_by, version,"
    " created_at, updated_at"
)
DOMAIN: LiteralString = (
    "id, name, '_freehold.' || name as record_name, 'freehold-verification=' || challenge as record_value, verified_at,"
    " version, created_at, updated_at"
)


def issuers_of(issuer: str) -> Query[list[Registration]]:
    """Whose tokens of this issuer are accepted."""
    return every(
        Registration, "select audience, tenant_id, connection_id from app.issuers_of(%(issuer)s)", issuer=issuer
    )


def sign_in(visitor: Visitor, own: OwnProvider) -> Statement[SignedIn]:
    """The member that this identity stands for, linked or made if need be."""
    who = visitor.identity
    return lone(
        SignedIn,
        """
        select tenant_id, member_id, role, outcome from app.sign_in(
            %(tenant)s, %(connection)s, %(issuer)s, %(subject)s, %(issued_at)s, %(mfa)s, %(email)s, %(person)s,
            %(request_id)s, %(address)s)
        """,
        otherwise=NotAMember,
        tenant=own.tenant_id,
        connection=own.connection_id,
        issuer=who.issuer,
        subject=who.subject,
        issued_at=who.issued_at,
        mfa=who.mfa,
        email=who.email if who.email_verified else None,
        person=who.name,
        request_id=visitor.request_id,
        address=visitor.address,
    )


def connections(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of connections, newest first."""
    return page(
        f"select {CONNECTION} from app.sso_connections"
        " where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def connection(connection_id: ConnectionId) -> Query[Connection]:
    """One connection."""
    return one(
        Connection,
        f"select {CONNECTION} from app.sso_connections where tenant_id = %(tenant_id)s and id = %(id)s",
        id=connection_id,
    )


def lock_connection(connection_id: ConnectionId) -> Query[Connection]:
    """One connection, held until the unit ends."""
    return one(
        Connection,
        f"select {CONNECTION} from app.sso_connections where tenant_id = %(tenant_id)s and id = %(id)s for update",
        id=connection_id,
    )


def insert_connection(new: NewConnection) -> Write[Connection]:
    """A new connection."""
    columns = role_columns(new.default_role)
    return write(
        Connection,
        """
        insert into app.sso_connections (tenant_id, issuer, audience, role, custom_role, jit, status)
        values (%(tenant_id)s, %(issuer)s, %(audience)s, %(role)s, %(custom_role)s::uuid, %(jit)s, %(status)s)
        """,
        answer=CONNECTION,
        event=events.SSO_CONNECTION_CREATED,
        issuer=new.issuer,
        audience=new.audience,
        jit=new.jit,
        status=new.status,
        role=columns["role"],
        custom_role=columns["custom_role"],
    )


def update_connection(connection: Connection) -> Write[Connection]:
    """The connection as it should be from now on; whoever changes it answers for it."""
    columns = role_columns(connection.default_role)
    return write(
        Connection,
        """
        update app.sso_connections
           set audience = %(audience)s, role = %(role)s, custom_role = %(custom_role)s::uuid, jit = %(jit)s,
               status = %(status)s, answered_by = current_setting('app.member_id')::uuid, version = version + 1,
               updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        answer=CONNECTION,
        event=events.SSO_CONNECTION_CHANGED,
        id=connection.id,
        audience=connection.audience,
        jit=connection.jit,
        status=connection.status,
        role=columns["role"],
        custom_role=columns["custom_role"],
    )


def delete_connection(connection_id: ConnectionId) -> Write[Connection]:
    """A connection gone for good."""
    return write(
        Connection,
        "delete from app.sso_connections where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=CONNECTION,
        event=events.SSO_CONNECTION_DELETED,
        id=connection_id,
    )


def domains(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of domains, newest first."""
    return page(
        f"select {DOMAIN} from app.domains where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def domain(domain_id: DomainId) -> Query[Domain]:
    """One domain."""
    return one(
        Domain, f"select {DOMAIN} from app.domains where tenant_id = %(tenant_id)s and id = %(id)s", id=domain_id
    )


def insert_domain(new: NewDomain, challenge: str) -> Write[Domain]:
    """A domain that the tenant says is its own."""
    return write(
        Domain,
        "insert into app.domains (tenant_id, name, challenge) values (%(tenant_id)s, %(name)s, %(challenge)s)",
        answer=DOMAIN,
        event=events.DOMAIN_CREATED,
        name=new.name,
        challenge=challenge,
    )


def delete_domain(domain_id: DomainId) -> Write[Domain]:
    """A domain given up, for whoever can show that it is theirs."""
    return write(
        Domain,
        "delete from app.domains where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=DOMAIN,
        event=events.DOMAIN_DELETED,
        id=domain_id,
    )


def insert_job[I: BaseModel](domain_id: DomainId, kind: Kind[I], given: I) -> Write[Job]:
    """A job that is about this domain, if it is there and there is a place for it."""
    return write(
        Job,
        f"""
        insert into app.jobs (tenant_id, kind, job_class, state, input, attempts)
        select d.tenant_id, %(kind)s, c.name, 'waiting', %(input)s::jsonb, %(attempts)s
          from app.domains d
          join app.job_classes c on c.name = %(job_class)s
          left join app.job_quotas q on q.tenant_id = %(tenant_id)s and q.job_class = c.name
         where d.tenant_id = %(tenant_id)s and d.id = %(domain_id)s and {PLACE}
        """,
        answer=JOB,
        event=None,
        otherwise=BacklogFull,
        domain_id=domain_id,
        kind=kind.name,
        job_class=kind.job_class.value,
        attempts=kind.attempts,
        input=given.model_dump_json(),
    )


def set_break_glass(member_id: MemberId, *, allowed: bool) -> Write[BreakGlass]:
    """The member who may come in past single sign-on, or no longer may."""
    return write(
        BreakGlass,
        """
        update app.members set break_glass = %(allowed)s, version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and break_glass <> %(allowed)s
        """,
        unchanged="select * from app.members where tenant_id = %(tenant_id)s and id = %(id)s",
        answer="id, break_glass, version, updated_at",
        event=events.MEMBER_BREAK_GLASS_CHANGED,
        id=member_id,
        allowed=allowed,
    )
