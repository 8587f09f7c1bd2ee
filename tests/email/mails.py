"""What the queues of mails carry, made of the examples under events/, and what became of it in the database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from freehold.email.models import Mail
from local.companies import Company

EVENTS = Path(__file__).parents[2] / "events"


def batch(*bodies: dict[str, Any]) -> dict[str, Any]:
    """A queue's batch of these messages, as Lambda is handed it."""
    record = json.loads((EVENTS / "send_mail" / "send.json").read_text())["Records"][0]
    return {"Records": [record | {"messageId": str(uuid4()), "body": json.dumps(body)} for body in bodies]}


def example(name: str) -> dict[str, Any]:
    """The message in an example."""
    body: dict[str, Any] = json.loads(json.loads((EVENTS / f"{name}.json").read_text())["Records"][0]["body"])
    return body


def happened(company: Company, name: str, *, of: UUID | None = None, **data: object) -> dict[str, Any]:
    """Something that happened in this company, as the bus hands it over; each call is another event."""
    message = example(f"notify/{name}")
    own = {"id": str(uuid4()), "tenant_id": str(company.id)} | ({"subject_id": str(of)} if of else {})
    message["detail"] |= own
    message["detail"]["data"] |= data
    return message


def came_back(company: Company, mail_id: UUID, address: str, *, name: str = "bounced") -> dict[str, Any]:
    """What SES says of a mail that went there."""
    message = example(f"mail_feedback/{name}")
    detail = message["detail"]
    detail["mail"]["tags"] |= {"freehold_mail": [str(mail_id)], "freehold_tenant": [str(company.id)]}
    readers = (
        detail["bounce"]["bouncedRecipients"] if "bounce" in detail else detail["complaint"]["complainedRecipients"]
    )
    readers[0]["emailAddress"] = address
    return message


def hand_over(company: Company) -> list[dict[str, Any]]:
    """The messages of this company's mails that wait, as the dispatcher hands them over."""
    rows = company.execute(
        "update app.jobs set state = 'queued', token = gen_random_uuid(), lease_until = now() + interval '5 minutes'"
        " where tenant_id = %(tenant_id)s and job_class = 'mail' and state in ('scheduled', 'waiting')"
        " returning id, token, request_id"
    )
    return [
        {"tenant_id": str(company.id), "job_id": str(job_id), "token": str(token), "request_id": request_id}
        for job_id, token, request_id in rows
    ]


def mails(company: Company) -> list[tuple[str, str]]:
    """To whom, and what became of it."""
    return company.execute("select address, state from app.emails where tenant_id = %(tenant_id)s order by address")


def suppressed(company: Company) -> list[tuple[str, str]]:
    """Who must not be written to, and why."""
    return company.execute(
        "select address, reason from app.email_suppressions where tenant_id = %(tenant_id)s order by address"
    )


class Mailer:
    """Keeps what it is given, or does what it was told to do instead."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.instead: Callable[[Mail], None] | None = None

    def send(self, mail: Mail) -> str:
        """An id, as a provider would."""
        if self.instead:
            self.instead(mail)
        self.sent.append(mail)
        return f"id-{len(self.sent)}"
