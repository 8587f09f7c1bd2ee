"""Who exists in the local database: the people whom the login page offers and whom `make dev` names."""

from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.rows import class_row

MOST = 100
_MEMBERS = """
    select regexp_replace(m.issuer, '^sso:[^:]*:', '') as issuer, m.subject, m.email, m.name,
           coalesce(m.role, r.name) as role, t.name as tenant, t.id as tenant_id
      from app.members m
      join app.tenants t on t.id = m.tenant_id
      left join app.roles r on r.tenant_id = m.tenant_id and r.id = m.custom_role
     where m.status = 'active' and m.email is not null
     order by t.id, m.id limit %s
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in one tenant; `role` in words, `issuer` the address of who says who they are."""

    issuer: str
    subject: str
    email: str
    name: str | None
    role: str
    tenant: str
    tenant_id: UUID


def members(superuser: str) -> list[Member]:
    """Of all tenants, the oldest first; by the cluster's superuser, whom no policy holds."""
    with psycopg.connect(superuser, row_factory=class_row(Member)) as connection:
        return connection.execute(_MEMBERS, [MOST]).fetchall()
