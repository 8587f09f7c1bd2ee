"""What the database really holds of some tenants, past every policy, in the terms of the model."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import psycopg

from freehold.ids import TenantId
from freehold.permissions import Access, Role
from tests.isolation.model import Key, Member, Project, Tenant

OPERATOR = "operator:model"
TENANTS = "select id, name, access::text, version from app.tenants where id = any(%s)"
MEMBERS = (
    "select tenant_id, id, subject, role, status, sessions_ended_at is not null from app.members"
    " where tenant_id = any(%s)"
)
KEYS = (
    "select tenant_id, id, name, scopes, secret_hash, created_by, revoked_at is not null, version from app.api_keys"
    " where tenant_id = any(%s)"
)
PROJECTS = (
    "select tenant_id, id, name, description, archived_at is not null, created_by, version from app.projects"
    " where tenant_id = any(%s)"
)
EVENTS = "select tenant_id, type, subject_id from app.outbox where tenant_id = any(%s)"
TRAIL = (
    "select tenant_id, action, row_id, principal from app.audit"
    f" where principal <> '{OPERATOR}' and tenant_id = any(%s)"
)
ANSWERS = "select tenant_id, principal, route, key, request_hash from app.idempotency where tenant_id = any(%s)"


def read_tenants(superuser: psycopg.Connection[Any], ids: Sequence[TenantId]) -> list[Tenant]:
    """In the order of `ids`."""

    def rows(sql: str) -> Iterator[tuple[Tenant, list[Any]]]:
        for tenant_id, *row in superuser.execute(sql.encode(), [list(ids)]):
            yield found[tenant_id], row

    found: dict[UUID, Tenant] = {}
    for tenant_id, name, access, version in superuser.execute(TENANTS, [list(ids)]):
        found[tenant_id] = Tenant(tenant_id, name, Access(access), version, {}, {}, {})
    for tenant, (row, subject, role, status, ended) in rows(MEMBERS):
        tenant.members[row] = Member(subject, Role(role), status, ended)
    for tenant, (row, name, scopes, secret_hash, made_by, revoked, version) in rows(KEYS):
        tenant.keys[row] = Key(name, frozenset(scopes), secret_hash, made_by, revoked, version)
    for tenant, (row, name, description, archived, made_by, version) in rows(PROJECTS):
        tenant.projects[row] = Project(name, description, archived, made_by, version)
    for tenant, (kind, subject) in rows(EVENTS):
        tenant.events[kind, subject] += 1
    for tenant, (action, row, principal) in rows(TRAIL):
        tenant.trail[action, row, principal] += 1
    for tenant, (principal, route, key, request_hash) in rows(ANSWERS):
        tenant.answers[principal, route, key] = request_hash
    return [found[tenant_id] for tenant_id in ids]
