"""The statements of connections, and of people and groups as a directory keeps them."""

from typing import LiteralString
from uuid import UUID

from freehold.database import Query, Statement, Write, done, lone, one, page, write
from freehold.groups.columns import GROUP, MEMBER, MEMBERS, THERE
from freehold.ids import MemberId
from freehold.roles.models import role_columns
from freehold.scim import events
from freehold.scim.columns import (
    GROUP_COLUMNS,
    GROUP_ORDERS,
    MINE,
    PERSON,
    USER,
    USER_COLUMNS,
    USER_ORDERS,
    order_of,
    params_of,
)
from freehold.scim.conditions import sql_of
from freehold.scim.models import (
    Changed,
    Groups,
    Listing,
    NewScimToken,
    ScimToken,
    ScimTokenId,
    UserRow,
    Users,
    Wanted,
)
from freehold.scim.names import MEMBER_JOINED, MemberEvent, UserExists
from freehold.scim.tokens import Secret

CONNECTION: LiteralString = (
    "id, name, coalesce(role, custom_role::text) as default_role, hint, created_by, created_at, expires_at, revoked_at"
)


def scim_tokens(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of connections, newest first."""
    return page(
        f"select {CONNECTION} from app.scim_tokens"
        " where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def insert_scim_token(new: NewScimToken, secret: Secret) -> Write[ScimToken]:
    """A new connection."""
    columns = role_columns(new.default_role)
    return write(
        ScimToken,
        """
        insert into app.scim_tokens (tenant_id, name, role, custom_role, token_hash, hint, expires_at)
        values (%(tenant_id)s, %(name)s, %(role)s, %(custom_role)s, %(token_hash)s, %(hint)s, %(expires_at)s)
        """,
        answer=CONNECTION,
        event=events.SCIM_TOKEN_CREATED,
        name=new.name,
        token_hash=secret.hash,
        hint=secret.hint,
        expires_at=new.expires_at,
        role=columns["role"],
        custom_role=columns["custom_role"],
    )


def revoke_scim_token(scim_token_id: ScimTokenId) -> Write[ScimToken]:
    """End a connection, from the next request on."""
    return write(
        ScimToken,
        """
        update app.scim_tokens set revoked_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and revoked_at is null
        """,
        answer=CONNECTION,
        event=events.SCIM_TOKEN_REVOKED,
        id=scim_token_id,
    )


def users(listing: Listing) -> Query[Users]:
    """A page of people."""
    params: dict[str, str | bool] = {}
    where = f"{THERE} and {sql_of(listing.condition, USER_COLUMNS, params)}"
    order = order_of(USER_ORDERS, listing)
    return one(
        Users,
        f"""
        select (select count(*) from app.members m where {where}) as total, coalesce((
            select jsonb_agg(to_jsonb(l)) from (
                select {USER} from app.members m where {where}
                 order by {order} limit %(limit)s offset %(offset)s) l), '[]') as resources
        """,
        limit=listing.limit,
        offset=listing.offset,
        **params,
    )


def user(member_id: MemberId) -> Query[UserRow]:
    """One person."""
    return one(UserRow, f"select {USER} from app.members m where {THERE} and m.id = %(id)s", id=member_id)


def lock_user(member_id: MemberId) -> Query[UserRow]:
    """One person, held until the unit ends."""
    return one(
        UserRow, f"select {USER} from app.members m where {THERE} and m.id = %(id)s for update of m", id=member_id
    )


def insert_user(wanted: Wanted) -> Write[UserRow]:
    """A new member with the connection's default role. Raises UserExists where somebody has that name or address."""
    return write(
        UserRow,
        f"""
        insert into app.members (tenant_id, email, name, role, custom_role, status, deprovisioned_from, user_name,
                                 external_id, given_name, family_name, emails, provisioned_by)
        select %(tenant_id)s, %(email)s, %(display_name)s, t.role, t.custom_role,
               case when %(active)s then 'active' else 'deprovisioned' end,
               case when %(active)s then null else 'active' end,
               %(user_name)s, %(external_id)s, %(given_name)s, %(family_name)s, %(emails)s, t.id
          from app.scim_tokens t
         where t.tenant_id = %(tenant_id)s and t.id = {MINE} and not exists (
            select from app.members m where {THERE} and (lower(coalesce(user_name, email)) = lower(%(user_name)s)
                or user_name is null and lower(m.email) = lower(%(email)s)))
        """,
        answer=f"{PERSON}, true as within, '[]'::jsonb as groups",
        event=MEMBER_JOINED,
        data=MEMBER,
        otherwise=UserExists,
        **params_of(wanted),
    )


def update_user(member_id: MemberId, wanted: Wanted, event: MemberEvent, *, renamed: bool) -> Statement[Changed]:
    """A person as the directory wants them. Who is taken out goes back, if ever, to what they were.

    Raises UserExists where somebody else has their new name, or their new address and no name by a directory.
    """
    return lone(
        Changed,
        f"""
        update app.members m
           set user_name = %(user_name)s, external_id = %(external_id)s, given_name = %(given_name)s,
               family_name = %(family_name)s, name = %(display_name)s, emails = %(emails)s, email = %(email)s,
               provisioned_by = {MINE}, version = version + 1, updated_at = now(),
               status = case when not %(active)s then 'deprovisioned'
                             when status = 'deprovisioned' then coalesce(deprovisioned_from, 'active') else status end,
               deprovisioned_from = case when %(active)s then null
                                         when status = 'deprovisioned' then deprovisioned_from else status end,
               sessions_ended_at = case when not %(active)s and status <> 'deprovisioned' then now()
                                        else sessions_ended_at end
         where {THERE} and id = %(id)s and not (%(renamed)s and exists (
            select from app.members o where o.tenant_id = %(tenant_id)s and o.status <> 'removed' and o.id <> %(id)s
               and (lower(coalesce(o.user_name, o.email)) = lower(%(user_name)s)
                    or o.user_name is null and lower(o.email) = lower(%(email)s))))
        returning id, app.announce(%(event)s, id, 1, (select to_jsonb(d) from (select {MEMBER}) d))
        """,
        otherwise=UserExists,
        id=member_id,
        event=event.value,
        renamed=renamed,
        **params_of(wanted),
    )


def leave_groups(member_id: MemberId) -> Statement[None]:
    """Somebody in no group any more."""
    return done("delete from app.group_members where tenant_id = %(tenant_id)s and member_id = %(id)s", id=member_id)


def remove_user(member_id: MemberId) -> Write[UserRow]:
    """Gone, as far as the directory sees. Raises NotFound for who is not there."""
    return write(
        UserRow,
        """
        update app.members
           set status = 'removed', sessions_ended_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and status <> 'removed'
        """,
        answer=f"{PERSON}, true as within, '[]'::jsonb as groups",
        event=events.MEMBER_DEPROVISIONED,
        data=MEMBER,
        id=member_id,
    )


def directory_groups(listing: Listing) -> Query[Groups]:
    """A page of groups."""
    params: dict[str, str | bool] = {}
    where = f"g.tenant_id = %(tenant_id)s and {sql_of(listing.condition, GROUP_COLUMNS, params)}"
    order = order_of(GROUP_ORDERS, listing)
    members: LiteralString = MEMBERS if listing.members else "'[]'::jsonb as members"
    return one(
        Groups,
        f"""
        select (select count(*) from app.groups g where {where}) as total, coalesce((
            select jsonb_agg(to_jsonb(l)) from (
                select {GROUP}, {members} from app.groups g where {where}
                 order by {order} limit %(limit)s offset %(offset)s) l), '[]') as resources
        """,
        limit=listing.limit,
        offset=listing.offset,
        **params,
    )
