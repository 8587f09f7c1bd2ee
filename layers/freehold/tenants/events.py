"""What happens to tenants."""

from freehold.messaging.events import EventType
from freehold.permissions import TENANT_READ
from freehold.tenants.models import NewlyMade, Tenant

TENANT_CREATED = EventType(
    name="tenant.created", description="A company signed up", data=NewlyMade, permission=TENANT_READ, subscribable=False
)
TENANT_CHANGED = EventType(
    name="tenant.changed", description="The tenant's settings were changed", data=Tenant, permission=TENANT_READ
)
