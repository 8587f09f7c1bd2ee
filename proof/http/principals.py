"""Who asks, and in which tenant: what the attack knows of each, and what they may do there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from freehold.permissions import Access, Role
from local.reference import PERMISSIONS

type Refusal = Literal[400, 401, 403]

EVERY_PERMISSION = frozenset(permission.name for permission in PERMISSIONS if permission.held_by)
"""That a person can have: what is held by no role is a directory's."""
READING = frozenset(name for name in EVERY_PERMISSION if name.endswith(":read"))


@dataclass(frozen=True, slots=True)
class Tenant:
    """A company of this attack. Whatever it writes carries its mark, which is found wherever it should not be."""

    id: str
    ref: str
    mark: str
    owner: str
    """The owner's access token."""
    access: Access = Access.FULL

    @property
    def headers(self) -> dict[str, str]:
        """How a person names it."""
        return {"Freehold-Tenant": self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who asks, in `home`; `refused` is what a tenant's route answers to those who are nobody there."""

    name: str
    home: Tenant
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()
    refused: Refusal | None = None
    is_key: bool = False
    is_directory: bool = False
    """Whoever speaks SCIM, and nothing else."""
    is_vouched: bool = False
    """Whom a tenant's own identity provider vouches for, there and nowhere else."""
    is_acting: bool = False
    """An operator in a member's place."""
    visits: frozenset[str] = frozenset()
    """The tenants that they may hear of on a route that acts in none."""


def held_by(role: Role) -> frozenset[str]:
    """The names of a role's permissions."""
    return frozenset(permission.name for permission in PERMISSIONS if role in permission.held_by)
