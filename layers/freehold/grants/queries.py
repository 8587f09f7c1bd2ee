"""The statements of grants. Each is about one thing of a product's table, which it names."""

from typing import LiteralString
from uuid import UUID

from freehold.database import Query, Write, page, write
from freehold.grants import events
from freehold.grants.models import Grant, Resource
from freehold.ids import MemberId
from freehold.roles.models import RoleRef, role_columns

COLUMNS: LiteralString = (
    "id, member_id, resource, resource_id, coalesce(role, custom_role::text) as role, created_by, version,"
    " created_at, updated_at"
)


def grants(resource: Resource, resource_id: UUID, limit: int, cursor: UUID) -> Query[bytes]:
    """A page of the grants on one thing, newest first. Raises NotFound for a thing that is not there, or not shown."""
    return page(
        f"select {COLUMNS} from app.grants where tenant_id = %(tenant_id)s and resource = %(resource)s"
        " and resource_id = %(resource_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        of=f"app.{resource.table} where tenant_id = %(tenant_id)s and id = %(resource_id)s",
        resource=resource.table,
        resource_id=resource_id,
        cursor=cursor,
    )


def put_grant(resource: Resource, resource_id: UUID, member_id: MemberId, role: RoleRef) -> Write[Grant]:
    """The member's role on one thing from now on, if both are there. Neither can leave before this is done."""
    return write(
        Grant,
        f"""
        insert into app.grants (tenant_id, member_id, resource, resource_id, role, custom_role)
        select %(tenant_id)s, m.id, %(resource)s, r.id, %(role)s, %(custom_role)s::uuid
          from app.members m, app.{resource.table} r
         where m.tenant_id = %(tenant_id)s and m.id = %(member_id)s and m.status = 'active'
           and r.tenant_id = %(tenant_id)s and r.id = %(resource_id)s
           for share of m for key share of r
        on conflict (tenant_id, member_id, resource, resource_id) do update
           set role = excluded.role, custom_role = excluded.custom_role, version = grants.version + 1,
               updated_at = now()
         where (grants.role, grants.custom_role) is distinct from (excluded.role, excluded.custom_role)
        """,
        unchanged="""
            select * from app.grants where tenant_id = %(tenant_id)s and member_id = %(member_id)s
               and resource = %(resource)s and resource_id = %(resource_id)s
               and (role, custom_role) is not distinct from (%(role)s::text, %(custom_role)s::uuid)
        """,
        answer=COLUMNS,
        event=events.GRANT_GIVEN,
        resource=resource.table,
        resource_id=resource_id,
        member_id=member_id,
        **role_columns(role),
    )


def delete_grant(resource: Resource, resource_id: UUID, member_id: MemberId) -> Write[Grant]:
    """The member's role on one thing, taken back."""
    return write(
        Grant,
        """
        delete from app.grants where tenant_id = %(tenant_id)s and member_id = %(member_id)s
           and resource = %(resource)s and resource_id = %(resource_id)s
        """,
        answer=COLUMNS,
        event=events.GRANT_TAKEN,
        resource=resource.table,
        resource_id=resource_id,
        member_id=member_id,
    )
