"""What happened becomes mails that wait to be sent; what SES says of them afterwards is remembered."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid5

from freehold.database import Statement, Transaction, WorkerCaller, database
from freehold.email import records
from freehold.email.feedback import Feedback
from freehold.email.models import NewMail
from freehold.email.notices import Notice, notice_of
from freehold.email.sending import SEND, Wanted
from freehold.jobs.queries import enqueue
from freehold.messaging.batch import BusMessage
from freehold.messaging.events import Event
from freehold.messaging.inbox import WORKER, receive


def notify(message: BusMessage) -> None:
    """Write a mail to everybody who hears of this event. Raises Replay where that was done."""
    if notice := notice_of(message.detail):
        receive("notify", message.detail, partial(_tell, notice))


def _tell(notice: Notice, tx: Transaction, event: Event) -> None:
    says, cause = notice.says(event), notice.cause(event)
    for recipient in tx.get(notice.recipients(event)):
        mail = NewMail(
            id=uuid5(event.tenant_id, f"{cause} {recipient.address.lower()}"),
            cause=cause,
            address=recipient.address,
            locale=recipient.locale,
            says=says,
        )
        tx.put(records.write_mail(mail))
        tx.put(enqueue(SEND, Wanted(mail_id=mail.id), cause=str(mail.id)))


def hear(feedback: Feedback) -> None:
    """Note what became of a mail; where that is final, nothing more goes to its address. Again, it changes nothing.

    Raises TenantGone. A mail that is not this tenant's, or did not go to this address, is nobody's: nothing happens.
    """
    caller = WorkerCaller(tenant_id=feedback.tenant_id, worker="mail_feedback", request_id=feedback.id)
    database(WORKER).working(caller).do(*_remembered(feedback))


def _remembered(feedback: Feedback) -> Iterator[Statement[None]]:
    mail_id, addresses, state = feedback.mail_id, feedback.addresses, feedback.detail.state
    if state:
        yield records.mark_returned(mail_id, addresses, state)
    if state and feedback.detail.is_final:
        yield records.suppress(mail_id, addresses, state)
