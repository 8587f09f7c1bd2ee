"""Somebody is invited into a tenant."""

from uuid import UUID

from pydantic import Field

from freehold.email.models import Secret, Template
from freehold.fields import Moment


class Invitation(Template):
    """Which invitation, which nobody reads; until when; and what opens it, which is made as the mail is sent."""

    invitation_id: UUID
    expires_at: Moment
    token: Secret = Field(default="", exclude=True)
    """Never a part of what is kept."""
