"""The columns of groups and their members. `m` is a member, `g` a group, and `%(tenant_id)s` whose they are."""

from typing import LiteralString

GROUP: LiteralString = (
    "id, display_name, external_id, coalesce(role, custom_role::text) as role, created_at, updated_at"
)
MEMBER: LiteralString = "id, email, name, coalesce(role, custom_role::text) as role, status, created_at, updated_at"
HELD: LiteralString = "string_to_array(current_setting('app.permissions'), ' ')"
CONFERRED: LiteralString = """coalesce((select b.permissions from app.builtin_roles b where b.name = m.role),
    (select c.permissions from app.roles c where c.tenant_id = m.tenant_id and c.id = m.custom_role))"""
THERE: LiteralString = "m.tenant_id = %(tenant_id)s and m.status <> 'removed'"
MEMBERS: LiteralString = f"""coalesce((
    select jsonb_agg(gm.member_id order by gm.id) from app.group_members gm
      join app.members m on m.tenant_id = gm.tenant_id and m.id = gm.member_id
     where gm.tenant_id = %(tenant_id)s and gm.group_id = g.id and {THERE}), '[]') as members"""  # noqa: S608 (literals of this module)
