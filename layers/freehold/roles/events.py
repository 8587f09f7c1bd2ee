"""What happens to a tenant's own roles."""

from freehold.messaging.events import EventType
from freehold.permissions import ROLES_READ
from freehold.roles.models import RoleInfo

ROLE_CREATED = EventType(
    name="role.created", description="A role of the tenant's own was made", data=RoleInfo, permission=ROLES_READ
)
ROLE_CHANGED = EventType(
    name="role.changed",
    description="A role got another name, description or other permissions",
    data=RoleInfo,
    permission=ROLES_READ,
)
ROLE_DELETED = EventType(
    name="role.deleted", description="A role was deleted, as it was at last", data=RoleInfo, permission=ROLES_READ
)
