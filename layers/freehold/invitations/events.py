"""What happens to invitations. That one was accepted is told by `member.joined`."""

from freehold.invitations.models import Invitation
from freehold.messaging.events import EventType
from freehold.permissions import MEMBERS_READ

INVITATION_CREATED = EventType(
    name="invitation.created", description="Somebody was invited", data=Invitation, permission=MEMBERS_READ
)
INVITATION_RESENT = EventType(
    name="invitation.resent", description="An invitation is mailed again", data=Invitation, permission=MEMBERS_READ
)
INVITATION_REVOKED = EventType(
    name="invitation.revoked", description="An invitation was taken back", data=Invitation, permission=MEMBERS_READ
)
