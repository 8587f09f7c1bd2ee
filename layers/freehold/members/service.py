"""Who belongs to a tenant, as what, and how that ends. All of it holds from the next request on."""

from uuid import UUID

from freehold import permissions
from freehold.callers import person_of
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import PreconditionFailed
from freehold.fields import IfMatch
from freehold.ids import MemberId
from freehold.members import queries
from freehold.members.models import Member, MemberChange


def read(db: Database, caller: Caller, member_id: MemberId) -> Member:
    """One member."""
    return db.one(caller, permissions.MEMBERS_READ, queries.member(member_id))


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of members as JSON."""
    return db.one(caller, permissions.MEMBERS_READ, queries.members(limit, cursor))


def change(db: Database, caller: Caller, member_id: MemberId, wanted: MemberChange, if_match: IfMatch) -> Member:
    """The member, changed. Raises PreconditionFailed when somebody else changed them first, ExceedsYours, LastOwner."""
    with db.transaction(caller, permissions.MEMBERS_WRITE) as tx:
        current = tx.get(queries.lock_member(member_id))
        if not if_match.matches(current.version):
            raise PreconditionFailed
        role = wanted.role
        changed = tx.put(queries.change_role(member_id, role)) if role and role != current.role else None
    return changed.value if changed else current


def suspend(db: Database, caller: Caller, member_id: MemberId, once: Remembered | None) -> Answer[Member]:
    """The member, shut out. Raises ExceedsYours and LastOwner."""
    return db.run(caller, permissions.MEMBERS_WRITE, queries.suspend_member(member_id), once=once)


def reactivate(db: Database, caller: Caller, member_id: MemberId, once: Remembered | None) -> Answer[Member]:
    """The member, let in again. Raises ExceedsYours, and NotFound for one who has gone."""
    return db.run(caller, permissions.MEMBERS_WRITE, queries.reactivate_member(member_id), once=once)


def end_sessions(db: Database, caller: Caller, member_id: MemberId, once: Remembered | None) -> Answer[Member]:
    """The member, who has to sign in again."""
    return db.run(caller, permissions.MEMBERS_WRITE, queries.end_sessions(member_id), once=once)


def remove(db: Database, caller: Caller, member_id: MemberId) -> None:
    """End a membership. Raises ExceedsYours and LastOwner."""
    db.run(caller, permissions.MEMBERS_WRITE, queries.remove_member(member_id))


def leave(db: Database, caller: Caller, once: Remembered | None) -> Answer[Member]:
    """Whoever acts, gone. Raises LastOwner."""
    person_of(caller)  # a key acts for a member, as an operator may, and must not be what ends them
    return db.run(caller, permissions.TENANT_READ, queries.leave(), once=once)


def make_owner(db: Database, caller: Caller, member_id: MemberId, once: Remembered | None) -> Answer[Member]:
    """The new owner. Raises NotFound for oneself and for whoever is not active."""
    person_of(caller)
    return db.run(caller, permissions.TENANT_OWN, queries.make_owner(member_id), once=once)
