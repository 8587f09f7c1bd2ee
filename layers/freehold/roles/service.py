"""Reading roles and permissions, and making roles of one's own."""

from freehold import permissions
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import PreconditionFailed
from freehold.fields import IfMatch
from freehold.permissions import Role
from freehold.roles import queries
from freehold.roles.models import (
    DESCRIPTIONS,
    NewRole,
    Permissions,
    RoleChange,
    RoleId,
    RoleInfo,
    RoleRef,
    Roles,
)


def read_all(db: Database, caller: Caller) -> Roles:
    """All roles that the tenant has."""
    return Roles(items=[_described(role) for role in db.one(caller, permissions.ROLES_READ, queries.roles())])


def read(db: Database, caller: Caller, role: RoleRef) -> RoleInfo:
    """One role."""
    return _described(db.one(caller, permissions.ROLES_READ, queries.role(role)))


def read_permissions(db: Database, caller: Caller) -> Permissions:
    """Everything that can be allowed."""
    return Permissions(items=db.one(caller, permissions.ROLES_READ, queries.permissions()))


def create(db: Database, caller: Caller, new: NewRole, once: Remembered | None) -> Answer[RoleInfo]:
    """A new role. Raises UnknownPermission, ExceedsYours, AlreadyExists and TooManyRoles."""
    return db.run(caller, permissions.ROLES_WRITE, queries.insert_role(new), once=once)


def change(db: Database, caller: Caller, role_id: RoleId, wanted: RoleChange, if_match: IfMatch) -> RoleInfo:
    """The role, changed for all who have it. Raises PreconditionFailed, and what `create` raises."""
    with db.transaction(caller, permissions.ROLES_WRITE) as tx:
        current = tx.get(queries.lock_role(role_id))
        if not if_match.matches(current.version):
            raise PreconditionFailed
        desired = current.model_copy(update=wanted.model_dump(exclude_none=True))
        changed = tx.put(queries.update_role(role_id, desired)) if desired != current else None
    return changed.value if changed else current


def delete(db: Database, caller: Caller, role_id: RoleId) -> None:
    """Remove the role. Raises StillReferenced while somebody has it."""
    db.run(caller, permissions.ROLES_WRITE, queries.delete_role(role_id))


def _described(role: RoleInfo) -> RoleInfo:
    return role.model_copy(update={"description": DESCRIPTIONS[Role(role.name)]}) if role.built_in else role
