"""What happens to grants."""

from freehold.grants.models import Grant
from freehold.messaging.events import EventType
from freehold.permissions import ROLES_READ

GRANT_GIVEN = EventType(
    name="grant.given",
    description="A member was given a role on one thing, or another one than before",
    data=Grant,
    permission=ROLES_READ,
)
GRANT_TAKEN = EventType(
    name="grant.taken", description="A member's role on one thing was taken back", data=Grant, permission=ROLES_READ
)
