"""What can be allowed: each permission with the roles that hold it and the least access its tenant must have.

The database checks them (`app.permissions`, `app.builtin_roles`); a test holds both equal. A product adds its own in a
module of its own, in the same form, and one line of its migration for each.
"""

from dataclasses import dataclass
from enum import StrEnum


class Access(StrEnum):
    """What a tenant may still do, from least to most; billing turns it, the door reads it."""

    SUSPENDED = "suspended"
    RESTRICTED = "restricted"
    FULL = "full"


class Role(StrEnum):
    """The roles that every tenant has, from most to least power."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


EVERYONE = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER)
WORKERS = (Role.OWNER, Role.ADMIN, Role.MEMBER)
ADMINS = (Role.OWNER, Role.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """`needs` is the least access at which it can be used: reads work in a restricted tenant, writes do not."""

    name: str
    description: str
    held_by: tuple[Role, ...]
    needs: Access


TENANT_READ = Permission(
    name="tenant:read", description="See the tenant's settings", held_by=EVERYONE, needs=Access.SUSPENDED
)
TENANT_WRITE = Permission(
    name="tenant:write", description="Change the tenant's settings", held_by=ADMINS, needs=Access.FULL
)
MEMBERS_READ = Permission(
    name="members:read", description="See who belongs to the tenant", held_by=EVERYONE, needs=Access.RESTRICTED
)
API_KEYS_READ = Permission(
    name="api_keys:read", description="See which API keys exist", held_by=ADMINS, needs=Access.RESTRICTED
)
API_KEYS_WRITE = Permission(
    name="api_keys:write", description="Create, rotate and revoke API keys", held_by=ADMINS, needs=Access.RESTRICTED
)
WEBHOOKS_READ = Permission(
    name="webhooks:read",
    description="See webhook endpoints and what was sent to them",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
)
WEBHOOKS_WRITE = Permission(
    name="webhooks:write",
    description="Create, change, test and replay webhook endpoints",
    held_by=ADMINS,
    needs=Access.FULL,
)
JOBS_READ = Permission(name="jobs:read", description="See jobs", held_by=EVERYONE, needs=Access.RESTRICTED)
JOBS_WRITE = Permission(name="jobs:write", description="Cancel jobs", held_by=WORKERS, needs=Access.RESTRICTED)
JOBS_RETRY = Permission(
    name="jobs:retry", description="Run jobs again that failed or were canceled", held_by=ADMINS, needs=Access.FULL
)
ACTIVITY_READ = Permission(
    name="activity:read", description="See what everybody has done", held_by=ADMINS, needs=Access.RESTRICTED
)
