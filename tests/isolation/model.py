"""What the database must hold of one tenant, as plain Python: the model that the real one is compared with."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from freehold import errors, permissions
from freehold.ids import TenantId
from freehold.permissions import Access, Permission, Role
from product.projects import permissions as projects

LADDER = (Access.SUSPENDED, Access.RESTRICTED, Access.FULL)
HELD = {
    role: frozenset(
        one.name
        for module in (permissions, projects)
        for one in vars(module).values()
        if isinstance(one, Permission) and role in one.held_by
    )
    for role in Role
}


@dataclass(frozen=True)
class Person:
    """Credentials of somebody; `old` is a token from before sessions were ended."""

    subject: str
    old: bool = False


@dataclass(frozen=True)
class Program:
    """Credentials of an API key."""

    secret_hash: bytes


@dataclass(frozen=True)
class Actor:
    """Whom the door has let in."""

    principal: str
    member_id: UUID
    held: frozenset[str]


@dataclass
class Member:
    subject: str
    role: Role
    status: str
    ended: bool


@dataclass
class Key:
    name: str
    scopes: frozenset[str]
    secret_hash: bytes
    made_by: UUID
    revoked: bool
    version: int = 1


@dataclass
class Project:
    name: str
    description: str
    archived: bool
    made_by: UUID
    version: int = 1


type Fact = tuple[str, UUID]
type RequestKey = tuple[str, str, str]


@dataclass
class Tenant:
    """Everything of a tenant that can be compared."""

    id: TenantId
    name: str
    access: Access
    version: int
    members: dict[UUID, Member]
    keys: dict[UUID, Key]
    projects: dict[UUID, Project]
    events: Counter[Fact] = field(default_factory=Counter)
    """Of the outbox: type and subject."""
    trail: Counter[tuple[str, UUID, str]] = field(default_factory=Counter)
    """Of the audit: action, row and principal, without what the operator did."""
    answers: dict[RequestKey, bytes] = field(default_factory=dict)
    """Hashes of the requests that are remembered, by principal, route and key."""

    @property
    def everything(self) -> set[tuple[str, str, str, str]]:
        """What its unfiltered reads must show: tenant, table, row and name."""
        rows = {("tenants", str(self.id), self.name)}
        rows |= {("members", str(row), member.subject) for row, member in self.members.items()}
        rows |= {("api_keys", str(row), key.name) for row, key in self.keys.items()}
        rows |= {("projects", str(row), project.name) for row, project in self.projects.items()}
        return {(str(self.id), *row) for row in rows}

    def admit(self, who: Person | Program, permission: Permission) -> Actor | type[Exception]:
        """Whom the door lets in, or the error that it must answer."""
        found = self._person(who) if isinstance(who, Person) else self._program(who)
        if isinstance(found, type):
            return found
        if permission.name not in found.held:
            return errors.PermissionDenied
        if LADDER.index(self.access) < LADDER.index(permission.needs):
            return errors.TenantSuspended if self.access is Access.SUSPENDED else errors.TenantRestricted
        return found

    def record(self, actor: Actor, action: str, event: str, row: UUID) -> None:
        """What every change leaves behind, beside itself."""
        self.trail[action, row, actor.principal] += 1
        self.events[event, row] += 1

    def _person(self, who: Person) -> Actor | type[Exception]:
        for row, member in self.members.items():
            if member.subject == who.subject and member.status == "active":
                if member.ended and who.old:
                    return errors.SessionEnded
                return Actor(f"member:{row}", row, HELD[member.role])
        return errors.NotAMember

    def _program(self, who: Program) -> Actor | type[Exception]:
        for row, key in self.keys.items():
            maker = self.members[key.made_by]
            if key.secret_hash == who.secret_hash and not key.revoked and maker.status == "active":
                return Actor(f"api_key:{row}", key.made_by, key.scopes & HELD[maker.role])
        return errors.ApiKeyRefused
