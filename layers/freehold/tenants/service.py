"""Signing up, and what a tenant may change about itself."""

from freehold import permissions
from freehold.callers import person_of
from freehold.database import Answer, Caller, Database, Identity, Remembered, Visitor
from freehold.errors import MfaRequired, PreconditionFailed
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
    """The current tenant, changed. Raises PreconditionFailed when somebody else changed it first, and SsoNotReady.

    Raises MfaRequired too: nobody asks for a second factor who has none themselves, and so would be locked out.
    """
    with db.transaction(caller, permissions.TENANT_WRITE) as tx:
        current = tx.get(queries.lock_tenant())
        if not if_match.matches(current.version):
            raise PreconditionFailed
        desired = current.model_copy(update=wanted.model_dump(exclude_none=True))
        if desired.mfa_required and not current.mfa_required:
            _require_second_factor(caller)
        changed = (
            tx.put(
                queries.update_tenant(
                    desired.name,
                    support_access=desired.support_access,
                    sso_required=desired.sso_required,
                    mfa_required=desired.mfa_required,
                )
            )
            if desired != current
            else None
        )
    return changed.value if changed else current


def _require_second_factor(caller: Caller) -> None:
    if not person_of(caller).identity.mfa:
        raise MfaRequired("Sign in with a second factor yourself before you ask everybody for one.")
