"""A tenant with a provider of its own, and what runs the jobs that ask the DNS."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from freehold.callers import Identity, OwnProvider, Visitor
from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.ids import TenantId
from freehold.jobs.dispatcher import pick
from freehold.jobs.models import JobClass
from freehold.jobs.worker import perform
from freehold.sso.records import Texts
from freehold.sso.verification import verification
from local.companies import Company, Person
from local.issuer import Issuer
from local.postgres import Postgres


@dataclass
class Works:
    """Runs interactive jobs, with a DNS of the test's own."""

    system: Database
    workers: Database

    def run(self, texts: Texts) -> list[str]:
        kind = verification(texts)
        handed = self.system.outside(pick(JobClass.INTERACTIVE, 100))
        return [perform({kind.name: kind}, self.workers, each) for each in handed]


@dataclass
class Tenant:
    """A company that has connected its provider."""

    company: Company
    provider: Issuer
    domain: str
    connection: dict[str, Any]
    audience: str

    def employee(self, **claims: object) -> Person:
        """Somebody with an access token of the tenant's provider."""
        subject = str(claims.pop("subject", uuid4()))
        email = str(claims.pop("email", f"{subject}@{self.domain}"))
        token = self.provider.mint(subject, email, **{"aud": self.audience} | claims)
        return Person(token, subject)

    def visitor(self, subject: str) -> Visitor:
        """An employee as the authorizer and the gateway hand them on."""
        own = OwnProvider(tenant_id=TenantId(self.company.id), connection_id=UUID(self.connection["id"]))
        who = Identity(
            issuer=f"sso:{self.company.id}:{self.provider.url}",
            subject=subject,
            issued_at=datetime.now(UTC),
            email=f"{subject}@{self.domain}",
            email_verified=True,
            own=own,
        )
        return Visitor(identity=who, request_id="a-request", address="192.0.2.1")

    def signed_in(self, **claims: object) -> Person:
        employee = self.employee(**claims)
        answer = employee.call("POST", "/v1/sign-ins")
        assert answer.status == 200, answer
        return employee

    def members(self, email: str) -> list[tuple[Any, ...]]:
        return self.company.execute(
            "select id, role, status from app.members"
            " where tenant_id = %(tenant_id)s and lower(email) = lower(%(email)s)",
            email=email,
        )


@pytest.fixture
def works(server: Postgres, superuser: str) -> Iterator[Works]:
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.jobs")
    system, workers = (
        Database(server.conninfo(user=f"freehold_{role}", database=DATABASE)) for role in ("system", "worker")
    )
    yield Works(system, workers)
    system.close()
    workers.close()


@pytest.fixture
def connect(provider: Issuer) -> Callable[..., Tenant]:
    """Connects a company's provider, with a domain that is verified."""

    def connect(company: Company, audience: str = "", **different: Any) -> Tenant:
        audience, domain = audience or f"client-{uuid4()}", f"{uuid4().hex}.example.com"
        body = {"issuer": provider.url, "audience": audience} | different
        answer = company.call("POST", "/v1/sso-connections", body=body)
        assert answer.status == 201, answer
        company.execute(
            "insert into app.domains (name, challenge, verified_at) values (%(name)s, 'x', now())", name=domain
        )
        forget()
        return Tenant(company, provider, domain, answer.json, audience)

    return connect


@pytest.fixture
def tenant(acme: Company, connect: Callable[..., Tenant]) -> Tenant:
    return connect(acme)


def forget() -> None:
    """As if a minute had passed: what the authorizer believes of issuers is over."""
    authorizer = importlib.import_module("functions.authorizer.handler")  # which reads the settings of the stage
    authorizer.registry._answers.clear()  # noqa: SLF001 (test_registry has a clock of its own)
