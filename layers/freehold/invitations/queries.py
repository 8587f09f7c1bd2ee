"""The statements of invitations. A trigger holds each to what whoever invites may give."""

from typing import LiteralString
from uuid import UUID

from freehold.database import Query, Statement, Visitor, Write, lone, one, page, stepwise, write
from freehold.errors import AlreadyAMember
from freehold.invitations import events
from freehold.invitations.models import AcceptedOnce, Invitation, InvitationId, Invitee, ManyInvited, NewInvitation
from freehold.invitations.tokens import Token
from freehold.roles.models import role_columns

COLUMNS: LiteralString = (
    "id, email, coalesce(role, custom_role::text) as role, status, locale, invited_by, accepted_by, expires_at,"
    " sent_at, version, created_at, updated_at"
)
BELONGS: LiteralString = (
    "lower(w.email) in (select lower(m.email) from app.members m where m.tenant_id = %(tenant_id)s"
    " and m.status <> 'removed' and m.email is not null)"
)
"""Whether `w.email` is the address of somebody who belongs to the tenant, though they may be shut out."""
LOCALE: LiteralString = "select t.locale from app.tenants t where t.id = %(tenant_id)s"


def invitations(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of invitations, newest first."""
    return page(
        f"select {COLUMNS} from app.invitations where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def invitation(invitation_id: InvitationId) -> Query[Invitation]:
    """One invitation."""
    return one(
        Invitation,
        f"select {COLUMNS} from app.invitations where tenant_id = %(tenant_id)s and id = %(id)s",
        id=invitation_id,
    )


def insert_invitation(new: NewInvitation) -> Write[Invitation]:
    """A new invitation, for somebody who does not belong to the tenant. Raises AlreadyExists where one is pending."""
    columns = role_columns(new.role)
    return write(
        Invitation,
        f"""
        insert into app.invitations (tenant_id, email, role, custom_role, locale)
        select %(tenant_id)s, w.email, %(role)s, %(custom_role)s::uuid, coalesce(%(locale)s, ({LOCALE}))
          from (select %(email)s::text as email) w where not {BELONGS}
        """,
        answer=COLUMNS,
        event=events.INVITATION_CREATED,
        otherwise=AlreadyAMember,
        email=new.email,
        locale=new.locale,
        role=columns["role"],
        custom_role=columns["custom_role"],
    )


def insert_many(invitees: list[Invitee]) -> Write[ManyInvited]:
    """An invitation for each who has none and does not belong to the tenant, and what became of each."""
    columns = [role_columns(invitee.role) for invitee in invitees]
    return stepwise(
        ManyInvited,
        f"""
        with given as materialized (
            select g.*, row_number() over (partition by lower(g.email) order by g.place) = 1 as is_first
              from unnest(%(emails)s::text[], %(roles)s::text[], %(custom_roles)s::uuid[]) with ordinality
                   g(email, role, custom_role, place)
        ), wanted as materialized (select w.*, {BELONGS} as belongs from given w),
        created as (
            insert into app.invitations (tenant_id, email, role, custom_role, locale)
            select %(tenant_id)s, w.email, w.role, w.custom_role, ({LOCALE})
              from wanted w where w.is_first and not w.belongs order by w.place
            on conflict (tenant_id, lower(email)) where status = 'pending' do nothing
            returning *, app.announce(%(created)s, id, %(event_version)s,
                (select to_jsonb(data) from (select {COLUMNS}) data)) as announced
        ), answer as (
            select jsonb_agg(jsonb_build_object(
                       'email', w.email,
                       'result', case when w.belongs then 'already_a_member'
                                      when c.id is not null and w.is_first then 'invited'
                                      else 'already_invited' end,
                       'invitation_id', case when not w.belongs then coalesce(c.id, i.id) end)
                   order by w.place) as items
              from wanted w
              left join created c on lower(c.email) = lower(w.email)
              left join app.invitations i on i.tenant_id = %(tenant_id)s and lower(i.email) = lower(w.email)
                   and i.status = 'pending')
        """,
        emails=[invitee.email for invitee in invitees],
        roles=[each["role"] for each in columns],
        custom_roles=[each["custom_role"] for each in columns],
        created=events.INVITATION_CREATED.name,
        event_version=events.INVITATION_CREATED.version,
    )


def resend_invitation(invitation_id: InvitationId) -> Write[Invitation]:
    """A pending invitation for a week more, from whoever acts. What was mailed before ends."""
    return stepwise(
        Invitation,
        f"""
        with changed as (
            update app.invitations
               set invited_by = current_setting('app.member_id')::uuid, expires_at = now() + interval '7 days',
                   version = version + 1, updated_at = now()
             where tenant_id = %(tenant_id)s and id = %(id)s and status = 'pending'
            returning *, app.announce(%(event)s, id, %(event_version)s,
                (select to_jsonb(data) from (select {COLUMNS}) data)) as announced
        ), ended as (
            delete from app.invitation_tokens k using changed c
             where k.tenant_id = %(tenant_id)s and k.invitation_id = c.id
        ), answer as (select {COLUMNS} from changed)
        """,
        id=invitation_id,
        event=events.INVITATION_RESENT.name,
        event_version=events.INVITATION_RESENT.version,
    )


def revoke_invitation(invitation_id: InvitationId) -> Write[Invitation]:
    """A pending invitation taken back."""
    return write(
        Invitation,
        """
        update app.invitations set status = 'revoked', version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and status = 'pending'
        """,
        answer=COLUMNS,
        event=events.INVITATION_REVOKED,
        id=invitation_id,
    )


def accept_invitation(visitor: Visitor, token: Token) -> Statement[AcceptedOnce]:
    """This identity as a member, by the address that its provider has verified."""
    who = visitor.identity
    return lone(
        AcceptedOnce,
        """
        select tenant_id, member_id, replayed from app.accept_invitation(
            %(tenant)s, %(token_hash)s, %(issuer)s, %(subject)s, %(issued_at)s, %(email)s, %(person)s, %(request_id)s,
            %(address)s)
        """,
        tenant=token.tenant_id,
        token_hash=token.hash,
        issuer=who.issuer,
        subject=who.subject,
        issued_at=who.issued_at,
        email=who.email if who.email_verified else None,
        person=who.name,
        request_id=visitor.request_id,
        address=visitor.address,
    )
