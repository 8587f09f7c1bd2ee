"""Signing up, and what a tenant may change about itself."""

from freehold import permissions
from freehold.database import Answer, Caller, Database, Identity, Remembered, Visitor
from freehold.errors import PreconditionFailed
from freehold.fields import IfMatch
from freehold.tenants import queries
from freehold.tenants.models import Memberships, NewTenant, Tenant, TenantChange


def sign_up(db: Database, visitor: Visitor, new: NewTenant, once: Remembered | None) -> Answer[Tenant]:
    """A new tenant that this person owns."""
    signed_up = db.outside(queries.sign_up(visitor, new, once))
    return Answer(Tenant(**signed_up.model_dump(exclude={"replayed"})), replayed=signed_up.replayed)


def tenants_of(db: Database, identity: Identity) -> Memberships:
    """Where this person is an active member."""
    return Memberships(items=db.outside(queries.tenants_of(identity)))


def read(db: Database, caller: Caller) -> Tenant:
    """The current tenant."""
    return db.one(caller, permissions.TENANT_READ, queries.tenant())


def change(db: Database, caller: Caller, wanted: TenantChange, if_match: IfMatch) -> Tenant:
    """The current tenant, changed. Raises PreconditionFailed when somebody else changed it first."""
    with db.transaction(caller, permissions.TENANT_WRITE) as tx:
        current = tx.get(queries.lock_tenant())
        if not if_match.matches(current.version):
            raise PreconditionFailed
        after = current.model_copy(update=wanted.model_dump(exclude_none=True))
        changed = tx.put(queries.update_tenant(after.name, after.support_access)) if after != current else None
    return changed.value if changed else current
