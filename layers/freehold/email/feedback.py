"""What SES says of a mail after it has sent it: that it came back, or that its reader complained.

SES repeats the tags that the gateway gave the mail. It sends this to the account's bus, at least once and in any order.
Source: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html; the bus puts it into
`detail`: https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
"""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from freehold.email.gateway import MAIL_TAG, TENANT_TAG
from freehold.email.models import State
from freehold.ids import TenantId
from freehold.messaging.batch import Body


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Tags(_Part):
    """Whose mail it was, and which; SES writes each value as a list."""

    mail: tuple[UUID] = Field(alias=MAIL_TAG)
    tenant: tuple[TenantId] = Field(alias=TENANT_TAG)


class Sent(_Part):
    """The mail that it is about."""

    tags: Tags


class Reader(_Part):
    """One whom it did not reach, or who complained."""

    address: str = Field(alias="emailAddress")


class Bounce(_Part):
    """Why it came back. What is not permanent was tried for hours before it is said."""

    kind: str = Field(alias="bounceType")
    readers: tuple[Reader, ...] = Field(alias="bouncedRecipients")


class Complaint(_Part):
    """What sort it is (RFC 5965), where the provider says so."""

    kind: str | None = Field(default=None, alias="complaintFeedbackType")
    readers: tuple[Reader, ...] = Field(alias="complainedRecipients")


class Bounced(_Part):
    """A mail came back."""

    event: Literal["Bounce"] = Field(alias="eventType")
    about: Bounce = Field(alias="bounce")
    mail: Sent

    @property
    def state(self) -> State:
        """What became of the mail."""
        return State.BOUNCED

    @property
    def is_final(self) -> bool:
        """Whether nothing that is sent to the address will ever arrive."""
        return self.about.kind == "Permanent"


class Complained(_Part):
    """A reader's provider has passed on what the reader thinks of it."""

    event: Literal["Complaint"] = Field(alias="eventType")
    about: Complaint = Field(alias="complaint")
    mail: Sent

    @property
    def state(self) -> State | None:
        """What became of the mail; None where the reader took it out of the spam, which is said the same way."""
        return None if self.about.kind == "not-spam" else State.COMPLAINED

    @property
    def is_final(self) -> bool:
        """Who complained wants no more."""
        return True


class Feedback(Body):
    """An event of SES as the bus wraps it up."""

    id: str
    detail: Annotated[Bounced | Complained, Field(discriminator="event")]

    @property
    def mail_id(self) -> UUID:
        """Which mail it is about."""
        return self.detail.mail.tags.mail[0]

    @property
    def tenant_id(self) -> TenantId:
        """Whose mail it was."""
        return self.detail.mail.tags.tenant[0]

    @property
    def addresses(self) -> list[str]:
        """In small letters."""
        return [reader.address.lower() for reader in self.detail.about.readers]

    @property
    def traced(self) -> Mapping[str, str]:
        """The event of SES, and the mail."""
        return {"request_id": self.id, "tenant_id": str(self.tenant_id), "mail_id": str(self.mail_id)}
