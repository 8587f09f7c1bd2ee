"""Which events somebody hears of by mail, who that is, and what the mail says.

`functions/manifest.py` names the same types of event, because the bus has to be told which ones to hand over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlsplit

from freehold.database import Query
from freehold.email import records
from freehold.email.models import Recipient, Template
from freehold.email.templates.access_restricted import AccessRestricted
from freehold.email.templates.access_suspended import AccessSuspended
from freehold.email.templates.invitation import Invitation
from freehold.email.templates.job_failed import JobFailed
from freehold.email.templates.payment_failed import PaymentFailed
from freehold.email.templates.payment_recovered import PaymentRecovered
from freehold.email.templates.report_ready import ReportReady
from freehold.email.templates.subscription_ended import SubscriptionEnded
from freehold.email.templates.trial_ending import TrialEnding
from freehold.email.templates.webhook_endpoint_disabled import WebhookEndpointDisabled
from freehold.invitations.events import INVITATION_CREATED, INVITATION_RESENT
from freehold.jobs.events import JOB_FAILED, JOB_SUCCEEDED
from freehold.messaging.events import Event

ACCESS_CHANGED = "billing.access_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One kind of mail that an event leads to."""

    event: str
    jobs: str = ""
    """How the kinds of jobs begin that it is about, where the event is of a job."""
    when: Callable[[Event], bool] = lambda _: True
    """Whether this one leads to it, where not every event of its type does."""
    recipients: Callable[[Event], Query[list[Recipient]]]
    says: Callable[[Event], Template]
    cause: Callable[[Event], str] = lambda event: str(event.id)
    """What is told once, however often it happens."""

    def is_of(self, event: Event) -> bool:
        """Whether this event leads to it."""
        return event.type == self.event and event.data.get("kind", "").startswith(self.jobs) and self.when(event)


def notice_of(event: Event) -> Notice | None:
    """What somebody hears of it; None for what nobody does."""
    return next((notice for notice in NOTICES if notice.is_of(event)), None)


def _owners(_: Event) -> Query[list[Recipient]]:
    return records.owners()


def _payers(_: Event) -> Query[list[Recipient]]:
    return records.payers()


def _asker(event: Event) -> Query[list[Recipient]]:
    return records.asker(event.data["created_by"])


def _invitee(event: Event) -> Query[list[Recipient]]:
    return records.invitee(event.subject_id)


def _endpoint_disabled(event: Event) -> Template:
    """One that is gone may never have failed before. Of its address the host alone: the rest may hold a secret."""
    host = urlsplit(event.data["url"]).hostname
    since = event.data["failing_since"] or event.data["disabled_at"]
    return WebhookEndpointDisabled.model_validate(
        {"endpoint_id": event.subject_id, "host": host, "failing_since": since}
    )


def _endpoint_and_day(event: Event) -> str:
    """One that is enabled and disabled again on the same day is no news."""
    return f"{event.type} {event.subject_id} {event.occurred_at.astimezone(UTC):%Y-%m-%d}"


def _job_failed(event: Event) -> Template:
    job = event.data
    return JobFailed(job_id=event.subject_id, kind=job["kind"], attempts=job["attempt"], reason=job["reason"])


def _report_ready(event: Event) -> Template:
    """Its file is called what the last part of its key says."""
    written = event.data["result"]
    return ReportReady(job_id=event.subject_id, report=written["key"].rpartition("/")[2], rows=written["rows"])


def _invitation(event: Event) -> Template:
    """Without its token: that is made when the mail is sent."""
    return Invitation(invitation_id=event.subject_id, expires_at=event.data["expires_at"])


def _is_unpaid(event: Event) -> bool:
    """Of what an operator takes or gives, they speak themselves."""
    return event.data["because"] in ("payment", "paused")


def _is_restricted(event: Event) -> bool:
    return _is_unpaid(event) and (event.data["previous_access"], event.data["access"]) == ("full", "restricted")


def _is_suspended(event: Event) -> bool:
    return _is_unpaid(event) and event.data["access"] == "suspended"


NOTICES = (
    Notice(event="webhook_endpoint.disabled", recipients=_owners, says=_endpoint_disabled, cause=_endpoint_and_day),
    Notice(event=JOB_FAILED.name, recipients=_asker, says=_job_failed),
    Notice(event=JOB_SUCCEEDED.name, jobs="reports.", recipients=_asker, says=_report_ready),
    Notice(event=INVITATION_CREATED.name, recipients=_invitee, says=_invitation),
    Notice(event=INVITATION_RESENT.name, recipients=_invitee, says=_invitation),
    Notice(
        event="billing.trial_ending",
        recipients=_payers,
        says=lambda event: TrialEnding.model_validate({"ends_at": event.data["trial_end"]}),
    ),
    Notice(
        event="billing.payment_failed",
        recipients=_payers,
        says=lambda event: PaymentFailed.model_validate({"since": event.data["past_due_since"]}),
    ),
    Notice(event=ACCESS_CHANGED, when=_is_restricted, recipients=_payers, says=lambda _: AccessRestricted()),
    Notice(event=ACCESS_CHANGED, when=_is_suspended, recipients=_payers, says=lambda _: AccessSuspended()),
    Notice(event="billing.payment_recovered", recipients=_payers, says=lambda _: PaymentRecovered()),
    Notice(event="billing.subscription_ended", recipients=_payers, says=lambda _: SubscriptionEnded()),
)
