"""What SES says of a mail is noted with whichever tenant the mail is found at, whoever's it is said to be."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.database import WorkerCaller, database
from freehold.email import service
from freehold.email.feedback import Feedback
from freehold.ids import TenantId
from freehold.messaging.inbox import WORKER
from proof.http.planting import exempt, replaced
from proof.workers.attack import Focus

FOCUS = Focus(functions=("mail_feedback",))


@contextmanager
def plant() -> Iterator[None]:
    """Where bounces are heard."""
    with replaced(service, "hear", _hear):
        yield


def _hear(feedback: Feedback) -> None:
    found = exempt("select tenant_id from app.emails where id = %s", feedback.mail_id)
    tenant = TenantId(found[0]) if found else feedback.tenant_id  # type: ignore[arg-type]
    caller = WorkerCaller(tenant_id=tenant, worker="mail_feedback", request_id=feedback.id)
    database(WORKER).working(caller).do(*service._remembered(feedback))  # noqa: SLF001 (the mistake is made around it)
