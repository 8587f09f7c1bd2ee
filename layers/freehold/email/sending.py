"""One mail, as a job: whether it may be sent, its words, and what SES answers.

A mail is sent once for its cause. One thing cannot be helped: where SES took it and its answer was lost, the next
attempt sends it again, under the same X-Freehold-Mail-Id. An invitation's token is made here at each attempt, and is in
the mail alone.
"""

from collections.abc import Callable
from uuid import UUID

from pydantic import BaseModel, ValidationError

from freehold.email import catalog, records
from freehold.email.gateway import Mailer, MailPostponed, MailRefused, ses
from freehold.email.models import KeptMail, Letterhead, Mail, State, Template
from freehold.email.rendering import render
from freehold.email.templates.invitation import Invitation
from freehold.errors import InvitationGone, NotFound
from freehold.ids import TenantId
from freehold.invitations import mailing
from freehold.jobs.kinds import Again, Done, Effects, GiveUp, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.settings import settings


class Wanted(BaseModel):
    """Which mail is to be sent."""

    mail_id: UUID


def sending(mailer: Callable[[], Mailer]) -> Kind[Wanted]:
    """The kind of job that sends one mail, by this mailer."""
    return Kind(
        name="email.send",
        job_class=JobClass.MAIL,
        input=Wanted,
        run=lambda running, wanted: _send(mailer, running, wanted),
        failed=lambda wanted, reason: (records.mark_unsent(wanted.mail_id, State.REFUSED, reason),),
    )


SEND = sending(ses)


def _send(mailer: Callable[[], Mailer], running: Running, wanted: Wanted) -> Outcome:
    try:
        kept = running.works.one(records.mail(wanted.mail_id))
    except NotFound:
        return Done()  # it was kept for as long as mails are
    if kept.state is not State.WAITING:
        return Done()
    if kept.suppressed:
        return Done(effects=(records.mark_unsent(kept.id, State.SUPPRESSED),))
    try:
        _require_in_time(kept)
        says = _complete(running, _template(kept))
        message_id = mailer().send(_written(kept, says, running.tenant_id))
    except MailPostponed as postponed:
        return Again(postponed.after, str(postponed), counts=False)
    except InvitationGone as gone:
        return Done(effects=(records.mark_unsent(kept.id, State.SUPPRESSED, gone.detail),))
    except MailRefused as refused:
        effects = (records.mark_unsent(kept.id, State.REFUSED, str(refused)),)
        raise GiveUp("The mail was refused.", effects=effects) from None
    return Done(effects=(records.mark_sent(kept.id, message_id), *_consequences(says)))


def _require_in_time(kept: KeptMail) -> None:
    if kept.overdue:
        raise MailRefused("It could not be sent for three days, and would come too late now.")


def _template(kept: KeptMail) -> Template:
    return catalog.templates_by_name()[kept.template].model_validate(kept.fields)


def _complete(running: Running, says: Template) -> Template:
    """With what is in the mail alone. Raises InvitationGone."""
    if not isinstance(says, Invitation):
        return says
    token = mailing.make_token(running.works, running.tenant_id, says.invitation_id)
    return says.model_copy(update={"token": token})


def _consequences(says: Template) -> Effects:
    return (mailing.note_sent(says.invitation_id),) if isinstance(says, Invitation) else ()


def _written(kept: KeptMail, says: Template, tenant_id: TenantId) -> Mail:
    words = render(says, _letterhead(kept), locale=kept.locale)
    try:
        return Mail(id=kept.id, tenant_id=tenant_id, sender=kept.brand, to=kept.address, **words.model_dump())
    except ValidationError:
        raise MailRefused("Its address is none that a mail can be sent to.") from None


def _letterhead(kept: KeptMail) -> Letterhead:
    own = {"color": kept.color} if kept.color else {}
    return Letterhead(name=kept.brand, logo_url=kept.logo_url, public_url=settings().public_url, **own)
