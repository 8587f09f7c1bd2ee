"""Three tenants with members, keys and a consultant who belongs to all of them: new ones for each run."""

import uuid
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import psycopg

from freehold.callers import Caller, Identity, KeyCaller, PersonCaller, Visitor
from freehold.database import Database
from freehold.ids import TenantId
from freehold.permissions import Role
from freehold.tenants import queries
from freehold.tenants.models import NewTenant
from local.companies import ALL_POWER
from product.projects import permissions as may
from tests.isolation.model import Person, Program, Tenant
from tests.isolation.snapshot import OPERATOR, read_tenants

ISSUER = "https://model.example.test"
READER = [may.PROJECTS_READ.name]
WRITER = [may.PROJECTS_READ.name, may.PROJECTS_WRITE.name, may.PROJECTS_DELETE.name]


class Who(Enum):
    """Who comes to a tenant; not all of them may."""

    OWNER = "its owner"
    MEMBER = "a member of it"
    VIEWER = "a viewer of it"
    CONSULTANT = "a person of all tenants"
    CONSULTANT_OF_OLD = "the same, with a token from before their sessions were ended"
    WRITER = "a key that changes projects, made by the consultant"
    READER = "a key that reads projects, made by its owner"
    NEIGHBOUR = "the owner of another tenant"
    NEIGHBOURS_KEY = "the writing key of another tenant"


AT_HOME = {Who.NEIGHBOUR: Who.OWNER, Who.NEIGHBOURS_KEY: Who.WRITER}


class World:
    """The tenants, as the model has them, in a database that others use too."""

    def __init__(self, superuser: psycopg.Connection[Any], db: Database) -> None:
        self._superuser = superuser
        self._run = uuid.uuid4().hex[:12]
        self._now = datetime.now(UTC)
        self.tenants: list[Tenant] = []
        self.tenants = self.read([self._found(db, number) for number in range(3)])
        self._keys = {(tenant.id, key.name): row for tenant in self.tenants for row, key in tenant.keys.items()}

    def read(self, ids: list[TenantId] | None = None) -> list[Tenant]:
        """What the database holds of them."""
        return read_tenants(self._superuser, ids or [tenant.id for tenant in self.tenants])

    def credentials(self, number: int, who: Who) -> Person | Program:
        """What they would show at this tenant's door."""
        if who in AT_HOME:
            return self.credentials((number + 1) % len(self.tenants), AT_HOME[who])
        tenant = self.tenants[number]
        if who in {Who.WRITER, Who.READER}:
            return Program(tenant.keys[self._keys[tenant.id, who.name]].secret_hash)
        if who in {Who.CONSULTANT, Who.CONSULTANT_OF_OLD}:
            return Person(self.subject(Who.CONSULTANT), old=who is Who.CONSULTANT_OF_OLD)
        return Person(self.subject(who, number))

    def caller(self, number: int, who: Who) -> Caller:
        """The same, in the product's terms."""
        at, shown = self.tenants[number].id, self.credentials(number, who)
        if isinstance(shown, Program):
            return KeyCaller(tenant_id=at, secret_hash=shown.secret_hash, request_id="r", address="")
        return PersonCaller(tenant_id=at, identity=self.identity(shown), request_id="r", address="")

    def identity(self, person: Person) -> Identity:
        """As their token says it."""
        issued_at = self._now - timedelta(hours=2 if person.old else 0)
        return Identity(issuer=ISSUER, subject=person.subject, issued_at=issued_at)

    def subject(self, who: Who, number: int | None = None) -> str:
        """Of a person, in one tenant or in all."""
        return f"{who.name.lower()} {'' if number is None else number} {self._run}"

    def writer_key(self, number: int) -> uuid.UUID:
        """Its row."""
        return self._keys[self.tenants[number].id, Who.WRITER.name]

    def operate(self, tenant_id: TenantId, sql: str, **values: Any) -> None:
        """What features that come later will do, in the tenant's name."""
        settings = {"tenant_id": str(tenant_id), "principal": OPERATOR, "request_id": "r", "address": ""}
        settings |= {"scope": "tenant", "granted": ""}
        with self._superuser.transaction():
            for name, value in settings.items():
                self._superuser.execute("select set_config(%s, %s, true)", [f"app.{name}", value])
            self._superuser.execute(ALL_POWER)
            self._superuser.execute(sql.encode(), {"tenant_id": tenant_id, **values})

    def _found(self, db: Database, number: int) -> TenantId:
        owner = self.identity(Person(self.subject(Who.OWNER, number)))
        visitor = Visitor(identity=owner, request_id="r", address="")
        tenant_id = db.outside(queries.sign_up(visitor, NewTenant(name=f"tenant {self._run}"), None)).id
        self._hire(tenant_id, self.subject(Who.CONSULTANT), Role.ADMIN)
        self._hire(tenant_id, self.subject(Who.MEMBER, number), Role.MEMBER)
        self._hire(tenant_id, self.subject(Who.VIEWER, number), Role.VIEWER)
        self._issue(tenant_id, Who.WRITER, WRITER, self.subject(Who.CONSULTANT))
        self._issue(tenant_id, Who.READER, READER, owner.subject)
        self.operate(
            tenant_id,
            "insert into app.projects (name, created_by) select 'first', id from app.members"
            " where tenant_id = %(tenant_id)s and subject = %(subject)s",
            subject=owner.subject,
        )
        return tenant_id

    def _hire(self, tenant_id: TenantId, subject: str, role: Role) -> None:
        self.operate(
            tenant_id,
            "with hired as (insert into app.members (issuer, subject, role)"
            " values (%(issuer)s, %(subject)s, %(role)s))"
            " insert into directory.memberships (issuer, subject, tenant_id)"
            " values (%(issuer)s, %(subject)s, %(tenant_id)s)",
            issuer=ISSUER, subject=subject, role=role,
        )  # fmt: skip

    def _issue(self, tenant_id: TenantId, who: Who, scopes: list[str], maker: str) -> None:
        self.operate(
            tenant_id,
            "insert into app.api_keys (name, scopes, secret_hash, hint, created_by)"
            " select %(name)s, %(scopes)s, %(secret)s, '…', id from app.members"
            " where tenant_id = %(tenant_id)s and subject = %(maker)s",
            name=who.name, scopes=scopes, secret=uuid.uuid4().bytes, maker=maker,
        )  # fmt: skip
