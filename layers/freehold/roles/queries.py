"""The statements of roles and permissions."""

from typing import LiteralString

from freehold.database import Query, Write, every, one, write
from freehold.errors import UnknownPermission
from freehold.roles import events
from freehold.roles.models import NewRole, PermissionInfo, RoleId, RoleInfo, RoleRef, role_columns

COLUMNS: LiteralString = (
    "id::text as id, name, description, false as built_in, permissions, version, created_at, updated_at"
)
BUILT_IN: LiteralString = (
    "name as id, name, '' as description, true as built_in, permissions, 1 as version,"
    " null::timestamptz as created_at, null::timestamptz as updated_at"
)
ALL_EXIST: LiteralString = (
    "not exists (select from unnest(%(permissions)s::text[]) wanted"
    " where wanted not in (select name from app.permissions))"
)


def roles() -> Query[list[RoleInfo]]:
    """Those that every tenant has, from most to least power, then the tenant's own."""
    return every(
        RoleInfo,
        f"""
        select * from (
            select {BUILT_IN} from app.builtin_roles
            union all
            select {COLUMNS} from app.roles where tenant_id = %(tenant_id)s) r
         order by built_in desc, case when built_in then -cardinality(permissions) end, name, id
        """,
    )


def role(ref: RoleRef) -> Query[RoleInfo]:
    """One role of either kind."""
    return one(
        RoleInfo,
        f"""
        select {BUILT_IN} from app.builtin_roles where name = %(role)s
        union all
        select {COLUMNS} from app.roles where tenant_id = %(tenant_id)s and id = %(custom_role)s
        """,
        **role_columns(ref),
    )


def lock_role(role_id: RoleId) -> Query[RoleInfo]:
    """One of the tenant's own, held until the unit ends."""
    return one(
        RoleInfo,
        f"select {COLUMNS} from app.roles where tenant_id = %(tenant_id)s and id = %(id)s for update",
        id=role_id,
    )


def insert_role(new: NewRole) -> Write[RoleInfo]:
    """A new role. The database refuses one that holds more than its maker does."""
    return write(
        RoleInfo,
        f"""
        insert into app.roles (tenant_id, name, description, permissions)
        select %(tenant_id)s, %(name)s, %(description)s, %(permissions)s::text[] where {ALL_EXIST}
        """,
        answer=COLUMNS,
        event=events.ROLE_CREATED,
        otherwise=UnknownPermission,
        name=new.name,
        description=new.description,
        permissions=new.permissions,
    )


def update_role(role_id: RoleId, desired: RoleInfo) -> Write[RoleInfo]:
    """The role as it should be from now on; those who have it have the new one from their next request on."""
    return write(
        RoleInfo,
        f"""
        update app.roles
           set name = %(name)s, description = %(description)s, permissions = %(permissions)s::text[],
               version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and {ALL_EXIST}
        """,
        answer=COLUMNS,
        event=events.ROLE_CHANGED,
        otherwise=UnknownPermission,
        id=role_id,
        name=desired.name,
        description=desired.description,
        permissions=desired.permissions,
    )


def delete_role(role_id: RoleId) -> Write[RoleInfo]:
    """A role gone; the database keeps one that somebody has, was granted or is invited to."""
    return write(
        RoleInfo,
        "delete from app.roles where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=COLUMNS,
        event=events.ROLE_DELETED,
        id=role_id,
    )


def permissions() -> Query[list[PermissionInfo]]:
    """Everything that can be allowed, in any tenant."""
    return every(
        PermissionInfo,
        "select name, description, needs, resource from app.permissions"
        " where %(tenant_id)s::uuid is not null order by name",
    )
