"""Reading groups, and giving them roles."""

from uuid import UUID

from freehold import permissions
from freehold.database import Caller, Database
from freehold.errors import InvalidInput
from freehold.groups import queries
from freehold.groups.models import Group, GroupId, GroupRole
from freehold.permissions import Role


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of groups as JSON."""
    return db.one(caller, permissions.MEMBERS_READ, queries.groups(limit, cursor))


def give_role(db: Database, caller: Caller, group_id: GroupId, wanted: GroupRole) -> Group:
    """The group with its role, which its members have from now on. Raises ExceedsYours, NotFound."""
    if wanted.role == Role.OWNER:
        raise InvalidInput("Nobody becomes an owner by a group: an owner makes owners.")
    with db.transaction(caller, permissions.SCIM_WRITE) as tx:
        given = tx.put(queries.give_group_role(group_id, wanted.role))
        tx.put(queries.settle_roles([], group_id, leaving=False))
    return given.value
