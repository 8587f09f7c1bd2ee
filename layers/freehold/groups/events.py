"""What happens to groups."""

from freehold.groups.models import Group
from freehold.messaging.events import EventType
from freehold.permissions import MEMBERS_READ

MEMBER_CHANGED = "member.changed"
"""Of the members' own: somebody has another role by a group."""
GROUP_CREATED = EventType(
    name="group.created", description="The directory has made a group", data=Group, permission=MEMBERS_READ
)
GROUP_CHANGED = EventType(
    name="group.changed",
    description="A group has another name, other members or another role",
    data=Group,
    permission=MEMBERS_READ,
)
GROUP_DELETED = EventType(
    name="group.deleted", description="The directory has removed a group", data=Group, permission=MEMBERS_READ
)
