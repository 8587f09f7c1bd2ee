"""Who somebody claims to be. The door decides whether that is so; nothing before it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from freehold.errors import ApiError, PersonRequired
from freehold.ids import TenantId
from freehold.permissions import Permission


class AskAgain(Exception):
    """Nothing has happened, and whoever answers the request begins again: it was decided by what holds no more."""


class Asked(Protocol):
    """What one request was decided by. Its first unit of work confirms that this still holds, or changes nothing."""

    @property
    def versions(self) -> tuple[int, int] | None:
        """Of the facts and the snapshot; None where nothing is left to confirm. -1 is what nobody knows yet."""

    @property
    def within(self) -> Sequence[str]:
        """The limits of which something has to be left."""

    @property
    def exposures(self) -> Sequence[tuple[str, str, str]]:
        """Flag, unit and variant of each experiment that somebody takes part in from now on."""

    @property
    def refusal(self) -> ApiError | None:
        """Why nothing is to be done, should what it was decided by still hold."""

    def settle(self) -> None:
        """A unit of work has committed, and what it was decided by held."""

    def learn(self, facts: Mapping[str, Any]) -> None:
        """It did not: this does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person as their identity provider knows them. Never an e-mail address: those change hands."""

    issuer: str
    subject: str
    issued_at: datetime
    email: str | None = None
    name: str | None = None
    email_verified: bool = False
    mfa: bool = False
    """Whether they signed in with a second factor."""
    own: "OwnProvider | None" = None
    """Which tenant's own provider vouches for them; `issuer` then begins with `sso:<tenant id>:`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProvider:
    """An identity provider that a tenant has connected. Whom it vouches for acts in that tenant only."""

    tenant_id: TenantId
    connection_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person who acts in no tenant: they sign up, or ask where they belong."""

    identity: Identity
    request_id: str
    address: str


class Toll(Protocol):
    """What a request pays, once, before it does anything; where it has to ask, in a transaction ahead of its own."""

    def due(self, caller: "Caller") -> tuple[str, Mapping[str, Any]] | None:
        """What to ask, with its parameters; None where there is nothing to ask. Raises RateLimited."""

    def answered(self, answer: Mapping[str, Any] | None) -> None:
        """What was asked has been answered."""

    def refused(self, detail: Mapping[str, Any]) -> None:
        """It was answered that nothing is left."""

    def turned_away(self) -> None:
        """The door knows no such caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCaller:
    """A person acting in one tenant."""

    tenant_id: TenantId
    identity: Identity
    request_id: str
    address: str
    asked: Asked | None = field(default=None, compare=False, repr=False)
    toll: Toll | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCaller:
    """An API key acting in its tenant. Only the hash of its secret travels."""

    tenant_id: TenantId
    secret_hash: bytes
    request_id: str
    address: str
    asked: Asked | None = field(default=None, compare=False, repr=False)
    toll: Toll | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimCaller:
    """A customer's directory acting in its tenant. Only the hash of its token travels."""

    tenant_id: TenantId
    token_hash: bytes
    request_id: str
    address: str
    asked: Asked | None = field(default=None, compare=False, repr=False)
    toll: Toll | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingCaller:
    """An operator who acts as a member. Only the hash of their token travels."""

    tenant_id: TenantId
    token_hash: bytes
    request_id: str
    address: str
    asked: Asked | None = field(default=None, compare=False, repr=False)
    toll: Toll | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCaller:
    """A worker in the tenant that its message names, by itself or on somebody's behalf.

    `behalf` is that one's principal, `member:…` or `api_key:…`; they are looked at again, and need the permission.
    """

    tenant_id: TenantId
    worker: str
    request_id: str
    behalf: str | None = None
    permission: Permission | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCaller:
    """A report in the tenant of its job, on a database that only reads."""

    tenant_id: TenantId
    worker: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCaller:
    """An operator who visits a tenant. Each unit of theirs leaves a line there, and so none of them only reads."""

    tenant_id: TenantId
    operator: str
    reason: str
    permission: str
    """What they come for: one of the errands that `app.enter_operator` knows."""
    request_id: str


type Caller = PersonCaller | KeyCaller | ScimCaller | ActingCaller
type Working = WorkerCaller | ReportCaller | OperatorCaller


def person_of(caller: Caller) -> PersonCaller:
    """Whoever acts by themselves. Raises PersonRequired for a key, a directory, and an operator in their place."""
    if not isinstance(caller, PersonCaller):
        raise PersonRequired
    return caller
