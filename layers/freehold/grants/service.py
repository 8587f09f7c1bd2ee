"""Sharing one thing with a member who may not see, or not change, all of its kind.

Those who hold the resource's `share` everywhere do it, and those who were granted it on the thing itself; nobody gives
or takes more than they hold there. The database compares (`app.guard_power`).
"""

from uuid import UUID

from freehold.database import Caller, Database
from freehold.grants import queries
from freehold.grants.models import Grant, GrantedRole, Resource
from freehold.ids import MemberId


def read_page(  # noqa: PLR0913, PLR0917 (a page of what belongs to something)
    db: Database, caller: Caller, resource: Resource, resource_id: UUID, limit: int, cursor: UUID
) -> bytes:
    """A page of the grants on one thing as JSON."""
    return db.one(caller, resource.share.or_granted, queries.grants(resource, resource_id, limit, cursor))


def give(  # noqa: PLR0913, PLR0917 (what its route takes)
    db: Database, caller: Caller, resource: Resource, resource_id: UUID, member_id: MemberId, wanted: GrantedRole
) -> Grant:
    """The member's role there from now on. Raises NotFound, ExceedsYours, TooManyGrants."""
    write = queries.put_grant(resource, resource_id, member_id, wanted.role)
    return db.run(caller, resource.share.or_granted, write).row


def take(db: Database, caller: Caller, resource: Resource, resource_id: UUID, member_id: MemberId) -> None:
    """End the member's role there. Raises NotFound, ExceedsYours."""
    db.run(caller, resource.share.or_granted, queries.delete_grant(resource, resource_id, member_id))
