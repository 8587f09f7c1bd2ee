"""The statements of groups."""

from dataclasses import replace
from typing import LiteralString
from uuid import UUID

from freehold.database import Query, Statement, Write, done, one, page, write
from freehold.database.statement import ANSWERED
from freehold.groups import events
from freehold.groups.columns import CONFERRED, GROUP, HELD, MEMBERS
from freehold.groups.models import Group, GroupId, GroupRow
from freehold.ids import MemberId
from freehold.roles.models import RoleRef, role_columns


def groups(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of groups without their members, newest first."""
    return page(
        f"select {GROUP} from app.groups where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def give_group_role(group_id: GroupId, role: RoleRef | None) -> Write[Group]:
    """The role of a group's members; null takes it away."""
    columns = role_columns(role) if role else {"role": None, "custom_role": None}
    return write(
        Group,
        """
        update app.groups set role = %(role)s, custom_role = %(custom_role)s, version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        answer=GROUP,
        event=events.GROUP_CHANGED,
        id=group_id,
        **columns,
    )


def settle_roles(member_ids: list[MemberId], group_id: GroupId | None, *, leaving: bool) -> Statement[None]:
    """Whom a directory made gets the role of the strongest of their groups, else their connection's.

    It is about these members and those of the group; `leaving` is whether the group no longer counts. The strongest
    role is the one with the most permissions, then one that every tenant has. What whoever acts could not give or take
    stays.
    """
    return done(
        f"""
        update app.members m set role = w.role, custom_role = w.custom_role, version = m.version + 1, updated_at = now()
          from (
            select p.id, case when b.group_id is null then t.role else b.role end as role,
                   case when b.group_id is null then t.custom_role else b.custom_role end as custom_role,
                   case when b.group_id is null then coalesce(tr.permissions, tc.permissions)
                        else b.permissions end as conferred
              from app.members p
              join app.scim_tokens t on t.tenant_id = p.tenant_id and t.id = p.provisioned_by
              left join app.builtin_roles tr on tr.name = t.role
              left join app.roles tc on tc.tenant_id = t.tenant_id and tc.id = t.custom_role
              left join lateral (
                select g.id as group_id, g.role, g.custom_role, coalesce(r.permissions, c.permissions) as permissions
                  from app.group_members gm
                  join app.groups g on g.tenant_id = gm.tenant_id and g.id = gm.group_id
                  left join app.builtin_roles r on r.name = g.role
                  left join app.roles c on c.tenant_id = g.tenant_id and c.id = g.custom_role
                 where gm.tenant_id = p.tenant_id and gm.member_id = p.id
                   and num_nonnulls(g.role, g.custom_role) = 1
                   and (not %(leaving)s::boolean or g.id <> %(group_id)s::uuid)
                 order by cardinality(coalesce(r.permissions, c.permissions)) desc, g.role nulls last, g.custom_role
                 limit 1) b on true
             where p.tenant_id = %(tenant_id)s and p.status <> 'removed' and (p.id = any (%(member_ids)s::uuid[])
                or p.id in (select x.member_id from app.group_members x
                             where x.tenant_id = %(tenant_id)s and x.group_id = %(group_id)s::uuid))) w
         where m.tenant_id = %(tenant_id)s and m.id = w.id
           and (m.role, m.custom_role) is distinct from (w.role, w.custom_role)
           and {CONFERRED} <@ {HELD} and w.conferred <@ {HELD}
        returning app.announce(%(event)s, m.id, 1, (select to_jsonb(d) from (
            select m.id, m.email, m.name, coalesce(m.role, m.custom_role::text) as role, m.status, m.created_at,
                   m.updated_at) d))
        """,
        member_ids=member_ids,
        group_id=group_id,
        leaving=leaving,
        event=events.MEMBER_CHANGED,
    )


def group(group_id: GroupId) -> Query[GroupRow]:
    """One group."""
    return one(
        GroupRow,
        f"select {GROUP}, {MEMBERS} from app.groups g where tenant_id = %(tenant_id)s and id = %(id)s",
        id=group_id,
    )


def lock_group(group_id: GroupId) -> Query[GroupRow]:
    """One group, held until the unit ends."""
    return one(
        GroupRow,
        f"select {GROUP}, {MEMBERS} from app.groups g where tenant_id = %(tenant_id)s and id = %(id)s for update",
        id=group_id,
    )


def insert_group(name: str, external_id: str | None, members: list[MemberId]) -> Write[GroupRow]:
    """A new group with its members. It has no role yet, so nobody's changes."""
    steps: LiteralString = f"""
        with named as materialized (select uuidv7() as id),
        joined as (
            insert into app.group_members (tenant_id, group_id, member_id)
            select %(tenant_id)s, named.id, wanted from named, unnest(%(members)s::uuid[]) wanted returning member_id),
        changed as (
            insert into app.groups (tenant_id, id, display_name, external_id)
            select %(tenant_id)s, id, %(name)s, %(external_id)s from named
            returning *, app.announce(%(event)s, id, 1, (select to_jsonb(d) from (select {GROUP}) d)) as announced),
        answer as (
            select {GROUP}, coalesce((select jsonb_agg(member_id) from joined), '[]') as members from changed)"""
    shaped = write(GroupRow, steps, answer=GROUP, event=events.GROUP_CREATED)
    return replace(
        shaped,
        sql=steps + ANSWERED,
        steps=steps,
        params={**shaped.params, "name": name, "external_id": external_id, "members": members},
    )


def update_group(group_id: GroupId, name: str, external_id: str | None) -> Write[Group]:
    """What a group is called. Also where only its members change, so that its time of change and its event say so."""
    return write(
        Group,
        """
        update app.groups
           set display_name = %(name)s, external_id = %(external_id)s, version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        answer=GROUP,
        event=events.GROUP_CHANGED,
        id=group_id,
        name=name,
        external_id=external_id,
    )


def join_group(group_id: GroupId, members: list[MemberId]) -> Statement[None]:
    """More members. Who is one already stays one."""
    return done(
        """
        insert into app.group_members (tenant_id, group_id, member_id)
        select %(tenant_id)s, %(group_id)s, unnest(%(members)s::uuid[]) on conflict do nothing
        """,
        group_id=group_id,
        members=members,
    )


def leave_group(group_id: GroupId, members: list[MemberId]) -> Statement[None]:
    """Fewer members."""
    return done(
        """
        delete from app.group_members
         where tenant_id = %(tenant_id)s and group_id = %(group_id)s and member_id = any (%(members)s::uuid[])
        """,
        group_id=group_id,
        members=members,
    )


def delete_group(group_id: GroupId) -> Write[Group]:
    """A group gone; its members stay members."""
    return write(
        Group,
        "delete from app.groups where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=GROUP,
        event=events.GROUP_DELETED,
        id=group_id,
    )
