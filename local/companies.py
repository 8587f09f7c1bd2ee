"""Companies to try things with: each is signed up anew, so that nobody needs a clean database."""

import atexit
import select
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID

import psycopg

from freehold.roles.models import RoleRef, role_columns
from local.errors import LocalError
from local.gateway import Answer, call
from local.issuer import Issuer

ALL_POWER = """
    select set_config('app.permissions', array_to_string(permissions, ' '), true)
      from app.builtin_roles where name = 'owner'
"""

_idle: defaultdict[str, list[psycopg.Connection]] = defaultdict(list)
"""Sessions that nobody uses now: to begin one takes longer than most of what is asked in it."""


@dataclass(frozen=True)
class Person:
    """Somebody with an access token."""

    token: str
    subject: str

    def call(self, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401 (what `gateway.call` takes)
        """Send a request as this person."""
        return call(method, path, token=self.token, **request)


@dataclass(frozen=True)
class Company:
    """A tenant and its owner; `call` acts as the owner, in this tenant."""

    id: UUID
    owner: Person
    people: "People" = field(repr=False)

    def call(self, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401 (what `gateway.call` takes)
        """Send a request as the owner."""
        return self.call_as(self.owner, method, path, **request)

    def call_as(self, person: Person, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401 (likewise)
        """Send a request as somebody, naming this tenant."""
        headers = {"Freehold-Tenant": str(self.id)} | request.pop("headers", {})
        return person.call(method, path, headers=headers, **request)

    def project(self, name: str = "A project") -> dict[str, Any]:
        """A new project, as the API shows it."""
        made: dict[str, Any] = self.call("POST", "/v1/projects", body={"name": name}).json
        return made

    def key(self, *scopes: str) -> dict[str, Any]:
        """A new API key with its secret."""
        made: dict[str, Any] = self.call("POST", "/v1/api-keys", body={"name": "A key", "scopes": list(scopes)}).json
        return made

    def member(self, role: RoleRef) -> Person:
        """Another member. There is no invitation yet, so the database is told."""
        person = self.people.somebody()
        issuer = self.people.issuer.url
        self.execute(
            "insert into app.members (issuer, subject, role, custom_role)"
            " values (%(issuer)s, %(subject)s, %(role)s, %(custom_role)s)",
            issuer=issuer, subject=person.subject, **role_columns(role),
        )  # fmt: skip
        self.execute(
            "insert into directory.memberships (issuer, subject, tenant_id)"
            " values (%(issuer)s, %(subject)s, %(tenant_id)s)",
            issuer=issuer, subject=person.subject,
        )  # fmt: skip
        return person

    def role(self, *permissions: str, name: str = "A role") -> str:
        """The id of a new role of the company's own."""
        body = {"name": name, "permissions": list(permissions)}
        made: str = self.call("POST", "/v1/roles", body=body).json["id"]
        return made

    def member_id(self, person: Person) -> str:
        """What the person is called here."""
        [(found,)] = self.execute(
            "select id from app.members where tenant_id = %(tenant_id)s and subject = %(subject)s",
            subject=person.subject,
        )
        return str(found)

    def grant(self, person: Person, project: str, role: RoleRef) -> Answer:
        """What the owner hears who grants a project."""
        path = f"/v1/projects/{project}/grants/{self.member_id(person)}"
        return self.call("PUT", path, body={"role": role})

    def execute(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """As the cluster's superuser, in this tenant's name: what features that come later will do."""
        return superuser(self.people.superuser, sql, tenant=self.id, **params)


@dataclass(frozen=True)
class People:
    """Makes people and companies."""

    issuer: Issuer
    superuser: str

    def somebody(self, **claims: object) -> Person:
        """A person who belongs nowhere yet; a claim that is given replaces their token's."""
        subject = str(uuid.uuid4())
        return Person(self.issuer.mint(subject, f"{subject}@example.test", "Somebody", **claims), subject)

    def company(self, name: str = "Acme", owner: Person | None = None) -> Company:
        """A tenant that signs up now. Raises LocalError where it cannot."""
        owner = owner or self.somebody()
        answer = owner.call("POST", "/v1/tenants", body={"name": name})
        if answer.status != HTTPStatus.CREATED:
            raise LocalError(f"Nobody can sign up: {answer}")
        return Company(UUID(answer.json["id"]), owner, self)


def superuser(conninfo: str, sql: str, *, tenant: UUID | str, **params: object) -> list[tuple[Any, ...]]:
    """Run one statement with everything set that a unit of work sets."""
    settings = {
        "tenant_id": str(tenant),
        "principal": "operator:test",
        "request_id": "test",
        "address": "",
        "member_id": str(tenant),
        "scope": "tenant",
        "granted": "",
    }
    with _connected(conninfo) as connection, connection.transaction():
        connection.execute(
            f"select {', '.join('set_config(%s, %s, true)' for _ in settings)}",
            [text for name, value in settings.items() for text in (f"app.{name}", value)],
        )
        connection.execute(ALL_POWER)
        cursor = connection.execute(sql, {"tenant_id": tenant, **params})
        return cursor.fetchall() if cursor.description else []


@contextmanager
def _connected(conninfo: str) -> Iterator[psycopg.Connection]:
    """One that nobody else has meanwhile, on whatever thread."""
    connection = _taken(_idle[conninfo]) or psycopg.connect(conninfo, prepare_threshold=None)
    try:
        yield connection
    finally:
        _idle[conninfo].append(connection)


def _taken(idle: list[psycopg.Connection]) -> psycopg.Connection | None:
    """One that is still good; the others are closed."""
    with suppress(IndexError):
        while (found := idle.pop()).closed or _has_word(found):
            found.close()
        return found
    return None


def _has_word(idle: psycopg.Connection) -> bool:
    """Whether the server has said something that nobody asked: that it is ending, mostly."""
    return bool(select.select([idle], [], [], 0)[0])


@atexit.register
def _end() -> None:
    for connection in (each for idle in _idle.values() for each in idle):
        connection.close()
