"""People who are invited, and the tokens that a mail would bring them: tests/email has the mails."""

import uuid
from dataclasses import dataclass
from typing import Any

from freehold.ids import TenantId
from freehold.invitations.tokens import new_token
from local.companies import Company, Person
from local.gateway import Answer


@dataclass(frozen=True)
class Guest:
    """Somebody with an address that their identity provider has verified."""

    person: Person
    email: str

    def accept(self, token: str) -> Answer:
        """Use a token."""
        return self.person.call("POST", "/v1/invitations/accept", body={"token": token})


def guest(company: Company, subject: str | None = None, email: str | None = None, **claims: object) -> Guest:
    """Somebody who signs in now."""
    subject = subject or str(uuid.uuid4())
    email = email or f"{subject}@guests.test"
    return Guest(Person(company.people.issuer.mint(subject, email, "A guest", **claims), subject), email)


def invite(company: Company, email: str, role: str = "member", by: Person | None = None) -> dict[str, Any]:
    """A new invitation, as the API shows it."""
    body = {"email": email, "role": role}
    invitation: dict[str, Any] = company.call_as(by or company.owner, "POST", "/v1/invitations", body=body).json
    return invitation


def mailed(company: Company, invitation: dict[str, Any]) -> str:
    """A token of it, as each mail has one of its own."""
    token = new_token(TenantId(company.id))
    company.execute(
        "insert into app.invitation_tokens (token_hash, invitation_id) values (%(hash)s, %(invitation)s)",
        hash=token.hash,
        invitation=invitation["id"],
    )
    return token.text


def joined(company: Company, role: str = "member") -> Guest:
    """Somebody who was invited and has accepted."""
    who = guest(company)
    answer = who.accept(mailed(company, invite(company, who.email, role)))
    assert answer.status == 200, answer
    return who


def member_id(company: Company, person: Person) -> str:
    """The person's id in this company."""
    rows = company.execute("select id from app.members where subject = %(subject)s", subject=person.subject)
    return str(rows[0][0])


def events(company: Company) -> list[str]:
    """What the company's outbox tells of members and invitations, in the order in which it happened."""
    rows = company.execute(
        "select type from app.outbox where tenant_id = %(tenant_id)s and type ~ '^(member|invitation|ownership)'"
        " order by id"
    )
    return [kind for (kind,) in rows]


def a_role(company: Company, *held: str) -> str:
    """A role of the company's own."""
    [(role,)] = company.execute(
        "insert into app.roles (tenant_id, name, permissions) values (%(tenant_id)s, %(name)s, %(held)s) returning id",
        name=str(uuid.uuid4()),
        held=list(held),
    )
    return str(role)


def expires(company: Company, invitation: dict[str, Any], within: str) -> None:
    """It ends so soon, as if whoever invited had said so."""
    company.execute(
        "with actor as (select set_config('app.member_id', invited_by::text, true)"
        " from app.invitations where id = %(i)s)"
        " update app.invitations set expires_at = now() + %(within)s::interval from actor where id = %(i)s",
        i=invitation["id"],
        within=within,
    )
