"""The statements of tenants."""

from typing import LiteralString

from freehold.database import Identity, Query, Remembered, Statement, Visitor, Write, every, lone, one, write
from freehold.tenants import events
from freehold.tenants.models import Membership, NewTenant, SignedUp, Tenant

COLUMNS: LiteralString = "id, name, access, version, created_at, updated_at, support_access, sso_required, mfa_required"


def sign_up(visitor: Visitor, new: NewTenant, once: Remembered | None) -> Statement[SignedUp]:
    """A new tenant with this identity as its owner."""
    return lone(
        SignedUp,
        f"""
        select {COLUMNS}, replayed from (select (s.tenant).*, s.replayed from app.sign_up(
            %(issuer)s, %(subject)s, %(issued_at)s, %(email)s, %(person)s, %(tenant_name)s, %(request_id)s, %(address)s,
            %(key)s, %(request_hash)s) s) signed_up
        """,
        issuer=visitor.identity.issuer,
        subject=visitor.identity.subject,
        issued_at=visitor.identity.issued_at,
        email=visitor.identity.email if visitor.identity.email_verified else None,
        person=visitor.identity.name,
        tenant_name=new.name,
        request_id=visitor.request_id,
        address=visitor.address,
        key=once.key if once else None,
        request_hash=once.request_hash if once else None,
    )


def tenants_of(identity: Identity) -> Query[list[Membership]]:
    """Where this identity is an active member."""
    return every(
        Membership,
        "select id, name, access, role, member_id from app.tenants_of(%(issuer)s, %(subject)s, %(issued_at)s)",
        issuer=identity.issuer,
        subject=identity.subject,
        issued_at=identity.issued_at,
    )


def tenant() -> Query[Tenant]:
    """The current tenant."""
    return one(Tenant, f"select {COLUMNS} from app.tenants where id = %(tenant_id)s")


def lock_tenant() -> Query[Tenant]:
    """The current tenant, held until the unit ends."""
    return one(Tenant, f"select {COLUMNS} from app.tenants where id = %(tenant_id)s for update")


def update_tenant(
    name: str,
    *,
    support_access: bool | None = None,
    sso_required: bool | None = None,
    mfa_required: bool | None = None,
) -> Write[Tenant]:
    """The current tenant with other settings; what is None stays as it is."""
    return write(
        Tenant,
        """
        update app.tenants
           set name = %(name)s, support_access = coalesce(%(support_access)s, support_access),
               sso_required = coalesce(%(sso_required)s, sso_required),
               mfa_required = coalesce(%(mfa_required)s, mfa_required), version = version + 1, updated_at = now()
         where id = %(tenant_id)s
        """,
        answer=COLUMNS,
        event=events.TENANT_CHANGED,
        name=name,
        sso_required=sso_required,
        mfa_required=mfa_required,
        support_access=support_access,
    )
