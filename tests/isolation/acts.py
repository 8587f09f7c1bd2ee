"""What can be done in a tenant: the product's own statement, what it must answer, and what it makes of the model.

An act names its target by a number, which stands for any row of any tenant: the neighbour's is as absent as none.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from hypothesis import strategies as st

from freehold import permissions
from freehold.api_keys import queries as api_keys
from freehold.api_keys.models import NewApiKey
from freehold.api_keys.secrets import Secret
from freehold.database import Write
from freehold.errors import Conflict, ExceedsYours, NotFound, ScopesExceedYours
from freehold.ids import ApiKeyId
from freehold.permissions import Permission
from freehold.tenants import queries as tenants
from product.projects import permissions as may
from product.projects import queries as projects
from product.projects.models import NewProject, ProjectId
from product.projects.models import Project as ShownProject
from tests.isolation.model import Actor, Key, Project, Tenant

SCOPES = (may.PROJECTS_READ.name, may.PROJECTS_WRITE.name, permissions.TENANT_READ.name)
THEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """What a statement must come to."""

    write: Write[Any]
    absent: type[Exception] | None = None
    """What its answer raises because no row matched; the unit goes on."""
    broken: type[Exception] | None = None
    """What the server raises; the unit is over."""
    unsendable: bool = False
    """Whether it never leaves the client: psycopg refuses to write it down."""


@dataclass(frozen=True)
class Target:
    """Any row that was ever there, the neighbour's included: counted round."""

    number: int

    def of(self, rows: Sequence[UUID]) -> UUID:
        return rows[self.number % len(rows)]


@dataclass(frozen=True)
class Known:
    """What acts refer to: the rows of all tenants, and a number that no other act has."""

    projects: Sequence[UUID]
    keys: Sequence[UUID]
    serial: int


@dataclass(frozen=True)
class Act:
    """One change."""

    permission: ClassVar[Permission] = may.PROJECTS_WRITE
    makes: ClassVar[str] = ""
    """Which of the tenant's dictionaries gets a new row."""

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        raise NotImplementedError

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        """Change the model; `made` is the id of what the act makes."""
        raise NotImplementedError

    def find(self, tenant: Tenant, known: Known) -> UUID:
        """The id of what it made, where no answer has told."""
        rows: dict[UUID, Any] = getattr(tenant, self.makes) if self.makes else {}
        made = [row for row, one in rows.items() if one.name in {_project(known), _key(known)}]
        assert len(made) == bool(self.makes), f"{self} was made {len(made)} times"
        return made[0] if made else UUID(int=0)


@dataclass(frozen=True)
class Create(Act):
    makes: ClassVar[str] = "projects"

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        return Plan(projects.insert_project(NewProject(name=_project(known))))

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        tenant.projects[made] = Project(_project(known), "", archived=False, made_by=actor.member_id)
        tenant.record(actor, "projects.insert", "project.created", made)


@dataclass(frozen=True)
class CreateTooLong(Act):
    """A constraint of the table refuses it."""

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        return Plan(
            projects.insert_project(NewProject.model_construct(name="x" * 201, description="")), broken=Conflict
        )


@dataclass(frozen=True)
class CreateUnwritable(Act):
    """PostgreSQL has no way to hold it."""

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        new = NewProject.model_construct(name="a\0b", description="")
        return Plan(projects.insert_project(new), broken=psycopg.DataError, unsendable=True)


@dataclass(frozen=True)
class Update(Act):
    target: Target

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        row = self.target.of(known.projects)
        wanted = ShownProject.model_construct(id=ProjectId(row), name=_project(known), description="changed")
        return Plan(projects.update_project(wanted), absent=None if row in tenant.projects else NotFound)

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        row = self.target.of(known.projects)
        project = tenant.projects[row]
        project.name, project.description, project.version = _project(known), "changed", project.version + 1
        tenant.record(actor, "projects.update", "project.changed", row)


@dataclass(frozen=True)
class Archive(Act):
    target: Target

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        row = ProjectId(self.target.of(known.projects))
        return Plan(projects.archive_project(row), absent=None if row in tenant.projects else NotFound)

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        row = self.target.of(known.projects)
        project = tenant.projects[row]
        if not project.archived:
            project.archived, project.version = True, project.version + 1
            tenant.record(actor, "projects.update", "project.archived", row)


@dataclass(frozen=True)
class Delete(Act):
    permission: ClassVar[Permission] = may.PROJECTS_DELETE
    target: Target

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        row = ProjectId(self.target.of(known.projects))
        return Plan(projects.delete_project(row), absent=None if row in tenant.projects else NotFound)

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        row = self.target.of(known.projects)
        del tenant.projects[row]
        tenant.record(actor, "projects.delete", "project.deleted", row)


@dataclass(frozen=True)
class Rename(Act):
    permission: ClassVar[Permission] = permissions.TENANT_WRITE

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        return Plan(tenants.update_tenant(f"tenant {known.serial}"))

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        tenant.name, tenant.version = f"tenant {known.serial}", tenant.version + 1
        tenant.record(actor, "tenants.update", "tenant.changed", tenant.id)


@dataclass(frozen=True)
class MakeKey(Act):
    permission: ClassVar[Permission] = permissions.API_KEYS_WRITE
    makes: ClassVar[str] = "keys"
    scopes: frozenset[str]

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        new = NewApiKey(name=_key(known), scopes=sorted(self.scopes))
        absent = None if self.scopes <= actor.held else ScopesExceedYours
        return Plan(api_keys.insert_api_key(new, _secret(tenant, known)), absent=absent)

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        secret_hash = _secret(tenant, known).hash
        tenant.keys[made] = Key(_key(known), self.scopes, secret_hash, actor.member_id, revoked=False)
        tenant.record(actor, "api_keys.insert", "api_key.created", made)


@dataclass(frozen=True)
class RotateKey(Act):
    permission: ClassVar[Permission] = permissions.API_KEYS_WRITE
    target: Target

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        row = ApiKeyId(self.target.of(known.keys))
        key = tenant.keys.get(row)
        write = api_keys.replace_secret(row, _secret(tenant, known), timedelta())
        if key is None or key.revoked:
            return Plan(write, absent=NotFound)
        return Plan(write, broken=None if key.scopes <= actor.held else ExceedsYours)

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        row = self.target.of(known.keys)
        key = tenant.keys[row]
        key.secret_hash, key.made_by, key.version = _secret(tenant, known).hash, actor.member_id, key.version + 1
        tenant.record(actor, "api_keys.update", "api_key.rotated", row)


@dataclass(frozen=True)
class RevokeKey(Act):
    permission: ClassVar[Permission] = permissions.API_KEYS_WRITE
    target: Target

    def plan(self, tenant: Tenant, actor: Actor, known: Known) -> Plan:
        row = ApiKeyId(self.target.of(known.keys))
        key = tenant.keys.get(row)
        return Plan(api_keys.revoke_api_key(row), absent=None if key and not key.revoked else NotFound)

    def apply(self, tenant: Tenant, actor: Actor, known: Known, made: UUID) -> None:
        row = self.target.of(known.keys)
        key = tenant.keys[row]
        key.revoked, key.version = True, key.version + 1
        tenant.record(actor, "api_keys.update", "api_key.revoked", row)


def _project(known: Known) -> str:
    return f"project {known.serial}"


def _key(known: Known) -> str:
    return f"key {known.serial}"


def _secret(tenant: Tenant, known: Known) -> Secret:
    return Secret(hashlib.sha256(f"{tenant.id} {known.serial}".encode()).hexdigest())


def mixed[T](*shares: tuple[int, st.SearchStrategy[T]]) -> st.SearchStrategy[T]:
    """One of these, each as often as its share; hypothesis' own `one_of` knows no shares."""
    table = [strategy for share, strategy in shares for _ in range(share)]
    return st.integers(0, len(table) - 1).flatmap(table.__getitem__)


targets = st.builds(Target, st.integers(0, 30))
acts = mixed(
    (4, st.just(Create())),
    (3, st.builds(Update, targets)),
    (2, st.builds(Archive, targets)),
    (2, st.builds(Delete, targets)),
    (1, st.just(Rename())),
    (2, st.builds(MakeKey, st.frozensets(st.sampled_from(SCOPES), min_size=1))),
    (1, st.builds(RotateKey, targets)),
    (1, st.builds(RevokeKey, targets)),
    (1, st.just(CreateTooLong())),
    (1, st.just(CreateUnwritable())),
)
