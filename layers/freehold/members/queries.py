"""The statements of members. Triggers hold each to what whoever acts may give, and leave the tenant an active owner."""

from typing import LiteralString
from uuid import UUID

from freehold.database import Query, Write, one, page, stepwise, write
from freehold.ids import MemberId
from freehold.members import events
from freehold.members.models import Member
from freehold.roles.models import RoleRef, role_columns

COLUMNS: LiteralString = (
    "id, email, name, coalesce(role, custom_role::text) as role, status, version, created_at, updated_at"
)
ONE: LiteralString = f"select {COLUMNS} from app.members where tenant_id = %(tenant_id)s and id = %(id)s"


def members(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of members, newest first."""
    return page(
        f"select {COLUMNS} from app.members where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def member(member_id: MemberId) -> Query[Member]:
    """One member."""
    return one(Member, ONE, id=member_id)


def lock_member(member_id: MemberId) -> Query[Member]:
    """One member who has not gone, held until the unit ends."""
    return one(Member, f"{ONE} and status in ('active', 'suspended') for update", id=member_id)


def change_role(member_id: MemberId, role: RoleRef) -> Write[Member]:
    """The member with another role."""
    columns = role_columns(role)
    return write(
        Member,
        """
        update app.members
           set role = %(role)s, custom_role = %(custom_role)s, version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        answer=COLUMNS,
        event=events.MEMBER_CHANGED,
        id=member_id,
        role=columns["role"],
        custom_role=columns["custom_role"],
    )


def suspend_member(member_id: MemberId) -> Write[Member]:
    """A member shut out, whose sessions stay ended; suspending one again changes nothing."""
    return write(
        Member,
        """
        update app.members
           set status = 'suspended', sessions_ended_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and status = 'active'
        """,
        unchanged="""
        select * from app.members where tenant_id = %(tenant_id)s and id = %(id)s and status = 'suspended'
        """,
        answer=COLUMNS,
        event=events.MEMBER_SUSPENDED,
        id=member_id,
    )


def reactivate_member(member_id: MemberId) -> Write[Member]:
    """A suspended member let in again; one who is active already stays as they are."""
    return write(
        Member,
        """
        update app.members set status = 'active', version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and status = 'suspended'
        """,
        unchanged="""
        select * from app.members where tenant_id = %(tenant_id)s and id = %(id)s and status = 'active'
        """,
        answer=COLUMNS,
        event=events.MEMBER_REACTIVATED,
        id=member_id,
    )


def end_sessions(member_id: MemberId) -> Write[Member]:
    """A member whose tokens of until now are refused."""
    return write(
        Member,
        """
        update app.members set sessions_ended_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and status in ('active', 'suspended')
        """,
        answer=COLUMNS,
        event=events.MEMBER_CHANGED,
        id=member_id,
    )


def remove_member(member_id: MemberId) -> Write[Member]:
    """A member who is none any more; the row stays, because others name it."""
    return write(
        Member,
        """
        update app.members
           set status = 'removed', sessions_ended_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and status in ('active', 'suspended')
        """,
        answer=COLUMNS,
        event=events.MEMBER_REMOVED,
        id=member_id,
    )


def leave() -> Write[Member]:
    """Whoever acts is no member any more."""
    return write(
        Member,
        """
        update app.members
           set status = 'removed', sessions_ended_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = current_setting('app.member_id')::uuid and status = 'active'
        """,
        answer=COLUMNS,
        event=events.MEMBER_LEFT,
    )


def make_owner(member_id: MemberId) -> Write[Member]:
    """An active member as owner in the place of whoever acts, who becomes an admin; both are locked in one order."""
    return stepwise(
        Member,
        f"""
        with two as materialized (
            select id from app.members
             where tenant_id = %(tenant_id)s and status = 'active'
               and id in (%(id)s, current_setting('app.member_id')::uuid)
             order by id for update
        ), changed as (
            update app.members
               set role = case when id = %(id)s then 'owner' else 'admin' end, custom_role = null,
                   version = version + 1, updated_at = now()
             where tenant_id = %(tenant_id)s and id in (select id from two) and (select count(*) from two) = 2
            returning *, app.announce(
                case when id = %(id)s then %(event)s else %(changed)s end, id, %(event_version)s,
                (select to_jsonb(data) from (select {COLUMNS}) data)) as announced
        ), answer as (select {COLUMNS} from changed where id = %(id)s)
        """,
        id=member_id,
        event=events.OWNERSHIP_TRANSFERRED.name,
        event_version=events.OWNERSHIP_TRANSFERRED.version,
        changed=events.MEMBER_CHANGED.name,
    )
