"""What a directory does to members. That somebody joined or changed is announced as the members' own events."""

from freehold.messaging.events import EventType
from freehold.permissions import MEMBERS_READ, SCIM_READ
from freehold.scim.models import Leaver, ScimToken

MEMBER_DEPROVISIONED = EventType(
    name="member.deprovisioned",
    description="The directory has taken a member out",
    data=Leaver,
    permission=MEMBERS_READ,
)
SCIM_TOKEN_CREATED = EventType(
    name="scim_token.created", description="A directory was connected", data=ScimToken, permission=SCIM_READ
)
SCIM_TOKEN_REVOKED = EventType(
    name="scim_token.revoked", description="A directory's connection was ended", data=ScimToken, permission=SCIM_READ
)
