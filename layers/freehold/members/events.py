"""What happens to members."""

from freehold.members.models import Member
from freehold.messaging.events import EventType
from freehold.permissions import MEMBERS_READ

MEMBER_JOINED = EventType(
    name="member.joined", description="Somebody became a member", data=Member, permission=MEMBERS_READ
)
MEMBER_CHANGED = EventType(
    name="member.changed",
    description="A member got another role, or their sessions were ended",
    data=Member,
    permission=MEMBERS_READ,
)
MEMBER_SUSPENDED = EventType(
    name="member.suspended",
    description="A member was shut out for the time being",
    data=Member,
    permission=MEMBERS_READ,
)
MEMBER_REACTIVATED = EventType(
    name="member.reactivated", description="A suspended member was let in again", data=Member, permission=MEMBERS_READ
)
MEMBER_REMOVED = EventType(
    name="member.removed", description="A member was removed", data=Member, permission=MEMBERS_READ
)
MEMBER_LEFT = EventType(name="member.left", description="A member has left", data=Member, permission=MEMBERS_READ)
OWNERSHIP_TRANSFERRED = EventType(
    name="ownership.transferred",
    description="An owner made this member one in their own place",
    data=Member,
    permission=MEMBERS_READ,
)
