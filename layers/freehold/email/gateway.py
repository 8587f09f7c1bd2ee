"""Amazon SES: one mail a call, and what its refusals mean.

SES knows no idempotency and puts its own Message-ID into each mail, so a call whose answer was lost is repeated and may
arrive twice. Both copies carry the same `X-Freehold-Mail-Id`. SES repeats the tags in each bounce and complaint.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.header import Header
from email.utils import formataddr, parseaddr
from functools import cache
from typing import TYPE_CHECKING, Protocol

from freehold.email.models import Mail
from freehold.observability import calling_aws
from freehold.settings import settings

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import SendEmailRequestTypeDef

MAIL_TAG = "freehold_mail"
TENANT_TAG = "freehold_tenant"
_LONGEST_SENDER = 64

_REFUSED = frozenset({"BadRequestException", "MessageRejected"})
_POSTPONED: Mapping[str, timedelta] = {
    "TooManyRequestsException": timedelta(seconds=2),
    "LimitExceededException": timedelta(minutes=15),
    "SendingPausedException": timedelta(minutes=15),
    "AccountSuspendedException": timedelta(hours=1),
    "MailFromDomainNotVerifiedException": timedelta(hours=1),
    "NotFoundException": timedelta(hours=1),
}
"""What is wrong with us rather than with the mail, and how long it may take until somebody has mended it."""


class MailRefused(Exception):
    """This mail will never be accepted."""


class MailPostponed(Exception):
    """This mail was not accepted now; it is fine."""

    def __init__(self, reason: str, after: timedelta) -> None:
        self.after = after
        super().__init__(reason)


class Mailer(Protocol):
    """Sends mails."""

    def send(self, mail: Mail) -> str:
        """The provider's message id. Raises MailRefused, MailPostponed, and what the network raises."""


def _client() -> "SESV2Client":
    """One try, because a job that failed is tried again. The endpoint is AWS_ENDPOINT_URL's, where it is set."""
    import boto3  # noqa: PLC0415 (only who sends needs it, and it takes its time)
    from botocore.config import Config  # noqa: PLC0415 (likewise)

    return boto3.client("sesv2", config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ses:
    """The real one. `mail_from` is an address that SES has verified, or `Name <address>`."""

    mail_from: str
    configuration_set: str
    client: "SESV2Client" = field(default_factory=_client)

    def send(self, mail: Mail) -> str:
        """As the protocol says."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 (comes with boto3)

        try:
            with calling_aws("SESv2", "SendEmail"):
                return self.client.send_email(**self._request(mail))["MessageId"]
        except ClientError as error:
            raise _translated(error) from error

    def _request(self, mail: Mail) -> "SendEmailRequestTypeDef":
        return {
            "FromEmailAddress": _from(mail.sender, self.mail_from),
            "Destination": {"ToAddresses": [mail.to]},
            "Content": {
                "Simple": {
                    "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": mail.text, "Charset": "UTF-8"},
                        "Html": {"Data": mail.html, "Charset": "UTF-8"},
                    },
                    "Headers": [
                        {"Name": "Auto-Submitted", "Value": "auto-generated"},  # RFC 3834: no absence note answers it
                        {"Name": "X-Freehold-Mail-Id", "Value": str(mail.id)},
                    ],
                }
            },
            "ConfigurationSetName": self.configuration_set,
            "EmailTags": [
                {"Name": MAIL_TAG, "Value": str(mail.id)},
                {"Name": TENANT_TAG, "Value": str(mail.tenant_id)},
            ],
        }


@cache
def ses() -> Mailer:
    """The one of this process, as its stage is set up."""
    return Ses(mail_from=settings().mail_from, configuration_set=f"freehold-{settings().stage}")


def _from(sender: str, mail_from: str) -> str:
    """`Acme via Freehold <address>`: a tenant's name never stands alone, so that none can pass for somebody else."""
    ours, address = parseaddr(mail_from)
    name = " via ".join(part for part in (sender[:_LONGEST_SENDER], ours) if part)
    if name.isascii():
        return formataddr((name, address))
    return f"{Header(name, 'utf-8').encode(maxlinelen=75, linesep='')} <{address}>"  # RFC 2047


def _translated(error: "ClientError") -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _REFUSED:
        return MailRefused(str(error))
    return MailPostponed(str(error), _POSTPONED[code]) if code in _POSTPONED else error
