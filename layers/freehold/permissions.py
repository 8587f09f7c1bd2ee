"""What can be allowed: each permission with the roles that hold it and the least access its tenant must have.

The database checks them (`app.permissions`, `app.builtin_roles`); a test holds both equal. A product adds its own in a
module of its own, in the same form, and one line of its migration for each.
"""

from dataclasses import dataclass, replace
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
    BILLING = "billing"
    """Sees the tenant and its bill, and none of its work."""
    GUEST = "guest"
    """Sees what is shared with them, and nothing else."""


EVERYONE = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER)
WORKERS = (Role.OWNER, Role.ADMIN, Role.MEMBER)
ADMINS = (Role.OWNER, Role.ADMIN)
OWNERS = (Role.OWNER,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """`needs` is the least access at which it can be used: reads work in a restricted tenant, writes do not.

    `resource` is the table whose rows it can be granted on singly. Only a unit of work that asks for `or_granted` is
    open to those who hold it by such a grant; of that table it then sees what was granted.
    """

    name: str
    description: str
    held_by: tuple[Role, ...]
    needs: Access
    resource: str | None = None
    granted: bool = False

    @property
    def or_granted(self) -> "Permission":
        """The same, for those as well who hold it on some rows only. The unit must be about those rows alone."""
        return replace(self, granted=True)


TENANT_READ = Permission(
    name="tenant:read",
    description="See the tenant's settings",
    held_by=(*EVERYONE, Role.BILLING, Role.GUEST),
    needs=Access.SUSPENDED,
)
TENANT_WRITE = Permission(
    name="tenant:write", description="Change the tenant's settings", held_by=ADMINS, needs=Access.FULL
)
TENANT_OWN = Permission(
    name="tenant:own",
    description="Make and unmake owners, and hand the tenant over",
    held_by=OWNERS,
    needs=Access.RESTRICTED,
)
DECISIONS_READ = Permission(
    name="decisions:read",
    description="Ask what the tenant may do, and why",
    held_by=(*EVERYONE, Role.BILLING),
    needs=Access.SUSPENDED,
)
MEMBERS_READ = Permission(
    name="members:read",
    description="See who belongs to the tenant",
    held_by=(*EVERYONE, Role.BILLING),
    needs=Access.RESTRICTED,
)
MEMBERS_INVITE = Permission(
    name="members:invite",
    description="Invite people, and take invitations back",
    held_by=ADMINS,
    needs=Access.FULL,
)
MEMBERS_WRITE = Permission(
    name="members:write",
    description="Change roles, suspend and remove members",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
)
ROLES_READ = Permission(
    name="roles:read", description="See which roles there are", held_by=EVERYONE, needs=Access.RESTRICTED
)
ROLES_WRITE = Permission(
    name="roles:write", description="Make and change the tenant's own roles", held_by=ADMINS, needs=Access.FULL
)
SSO_READ = Permission(
    name="sso:read",
    description="See how people sign in, and which domains are the tenant's",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
)
SSO_WRITE = Permission(
    name="sso:write",
    description="Set up how people sign in, and claim domains",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
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
SCIM_READ = Permission(
    name="scim:read",
    description="See the connections to the tenant's directory",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
)
SCIM_WRITE = Permission(
    name="scim:write",
    description="Connect the tenant's directory, and give roles to its groups",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
)
SCIM_PROVISION = Permission(
    name="scim:provision",
    description="Keep members and groups as the directory has them",
    held_by=(),
    needs=Access.RESTRICTED,
)
JOBS_READ = Permission(name="jobs:read", description="See jobs", held_by=EVERYONE, needs=Access.RESTRICTED)
JOBS_WRITE = Permission(name="jobs:write", description="Cancel jobs", held_by=WORKERS, needs=Access.RESTRICTED)
JOBS_RETRY = Permission(
    name="jobs:retry", description="Run jobs again that failed or were canceled", held_by=ADMINS, needs=Access.FULL
)
ACTIVITY_READ = Permission(
    name="activity:read", description="See what everybody has done", held_by=ADMINS, needs=Access.RESTRICTED
)
OPERATORS_READ = Permission(
    name="operators:read",
    description="See when operators looked at the tenant, and why",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
)
OPERATORS_WRITE = Permission(
    name="operators:write",
    description="End what an operator does as a member",
    held_by=ADMINS,
    needs=Access.RESTRICTED,
)
AUDIT_READ = Permission(name="audit:read", description="Read the audit trail", held_by=ADMINS, needs=Access.RESTRICTED)
BILLING_READ = Permission(
    name="billing:read",
    description="See the plan, the bill and what was used",
    held_by=(Role.OWNER, Role.ADMIN, Role.BILLING),
    needs=Access.SUSPENDED,
)
BILLING_WRITE = Permission(
    name="billing:write",
    description="Subscribe, change the plan, pay and cancel",
    held_by=(Role.OWNER, Role.BILLING),
    needs=Access.SUSPENDED,
)
USAGE_READ = Permission(
    name="usage:read",
    description="See what was used",
    held_by=(*EVERYONE, Role.BILLING),
    needs=Access.RESTRICTED,
)
USAGE_WRITE = Permission(name="usage:write", description="Record usage", held_by=ADMINS, needs=Access.FULL)
