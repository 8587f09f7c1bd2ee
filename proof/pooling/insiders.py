"""Tenants that share the connection: all that is theirs begins with their mark."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from freehold.api_keys import queries as api_keys
from freehold.api_keys.models import NewApiKey
from freehold.api_keys.secrets import new_secret
from freehold.callers import Caller, Identity, KeyCaller, PersonCaller, Visitor
from freehold.database import Database
from freehold.ids import TenantId
from freehold.permissions import API_KEYS_WRITE, TENANT_READ, TENANT_WRITE
from freehold.tenants import queries as tenants
from freehold.tenants.models import NewTenant

ADDRESS = "192.0.2.1"


@dataclass(frozen=True, slots=True)
class Insider:
    """One tenant with its owner and an API key of theirs."""

    mark: str
    tenant_id: TenantId
    identity: Identity
    key: bytes
    """The hash of its secret."""

    @property
    def person(self) -> Caller:
        """The owner, at home."""
        return self.person_at(self.tenant_id)

    @property
    def program(self) -> Caller:
        """The API key, at home."""
        return self.program_at(self.tenant_id)

    def person_at(self, tenant_id: TenantId) -> Caller:
        """The owner, who says that they belong to this tenant."""
        return PersonCaller(tenant_id=tenant_id, identity=self.identity, request_id=self.mark, address=ADDRESS)

    def program_at(self, tenant_id: TenantId) -> Caller:
        """The API key, said to be one of this tenant's."""
        return KeyCaller(tenant_id=tenant_id, secret_hash=self.key, request_id=self.mark, address=ADDRESS)


def sign_up(db: Database) -> Insider:
    """A new one, through the door."""
    mark = secrets.token_hex(6)
    issuer = f"https://{mark}.example.test"
    identity = Identity(issuer=issuer, subject=mark, issued_at=datetime.now(UTC), name=mark)
    visitor = Visitor(identity=identity, request_id=mark, address=ADDRESS)
    tenant_id = db.outside(tenants.sign_up(visitor, NewTenant(name=mark), None)).id
    secret = new_secret(tenant_id, "test")
    insider = Insider(mark, tenant_id, identity, secret.hash)
    db.run(insider.person, API_KEYS_WRITE, api_keys.insert_api_key(_new_key(mark), secret))
    return insider


def _new_key(mark: str) -> NewApiKey:
    return NewApiKey(name=mark, scopes=[TENANT_READ.name, TENANT_WRITE.name])
