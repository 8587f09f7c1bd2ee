"""What a directory can do with people and groups. Everything is answered as a resource, ready to be sent."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from scim2_models import ForbiddenException

from freehold.database import Answer, Database, Remembered, Transaction
from freehold.errors import PreconditionFailed
from freehold.groups import queries as groups
from freehold.groups.models import GroupId, GroupRow
from freehold.ids import MemberId
from freehold.permissions import SCIM_PROVISION
from freehold.scim import queries, resources
from freehold.scim.dialects import operations
from freehold.scim.models import Directory, Groups, Listing, UserRow, Users, Wanted
from freehold.scim.names import MemberEvent
from freehold.scim.patching import member_ids, patched_group, patched_user
from freehold.scim.resources import Group, Shown, User, show

type Matches = Callable[[str], bool]
"""Whether the caller has seen the version that this ETag names."""
STRONGER = "They hold more than this connection may give: {}. An owner or admin of the tenant does that."


def list_users(db: Database, directory: Directory, listing: Listing) -> Users:
    """A page of people."""
    return db.one(directory.caller, SCIM_PROVISION, queries.users(listing))


def read_user(db: Database, directory: Directory, member_id: MemberId) -> User:
    """A person. Raises NotFound."""
    return resources.user(db.one(directory.caller, SCIM_PROVISION, queries.user(member_id)), directory.base)


def create_user(
    db: Database, directory: Directory, document: Mapping[str, Any], once: Remembered | None
) -> Answer[User]:
    """A new member, with the connection's default role. Raises UserExists."""
    wanted = resources.named(resources.wanted(resources.read(User, document)))
    made = db.run(directory.caller, SCIM_PROVISION, queries.insert_user(wanted), once=once)
    return Answer(resources.user(made.row, directory.base), replayed=made.replayed)


def replace_user(
    db: Database, directory: Directory, member_id: MemberId, document: Mapping[str, Any], matches: Matches
) -> User:
    """A person as they are described whole; who is not said to be inactive is active."""
    wanted = resources.named(resources.wanted(resources.read(User, document)))
    return _change_user(db, directory, member_id, lambda _: wanted, matches)


def patch_user(
    db: Database, directory: Directory, member_id: MemberId, document: Mapping[str, Any], matches: Matches
) -> User:
    """A person, changed in part."""
    changes = operations(document)
    return _change_user(db, directory, member_id, lambda known: resources.wanted(patched_user(known, changes)), matches)


def delete_user(db: Database, directory: Directory, member_id: MemberId, matches: Matches | None) -> None:
    """Somebody gone, with their sessions, keys and invitations. Raises NotFound, LastOwner."""
    with db.transaction(directory.caller, SCIM_PROVISION) as tx:
        if matches is not None:
            _check(show(resources.user(tx.get(queries.lock_user(member_id)), directory.base)), matches)
        tx.put(queries.leave_groups(member_id))
        removed = tx.put(queries.remove_user(member_id))
    _ = removed.value


def list_groups(db: Database, directory: Directory, listing: Listing) -> Groups:
    """A page of groups."""
    return db.one(directory.caller, SCIM_PROVISION, queries.directory_groups(listing))


def read_group(db: Database, directory: Directory, group_id: GroupId) -> Group:
    """A group with its members. Raises NotFound."""
    return resources.group(db.one(directory.caller, SCIM_PROVISION, groups.group(group_id)), directory.base)


def create_group(
    db: Database, directory: Directory, document: Mapping[str, Any], once: Remembered | None
) -> Answer[Group]:
    """A new group. It confers nothing until an admin gives it a role."""
    name, external_id = resources.group_name(resources.read(Group, {**document, "members": None}))
    members = [MemberId(one) for one in member_ids(document.get("members"))]
    made = db.run(directory.caller, SCIM_PROVISION, groups.insert_group(name, external_id, members), once=once)
    return Answer(resources.group(made.row, directory.base), replayed=made.replayed)


def replace_group(
    db: Database, directory: Directory, group_id: GroupId, document: Mapping[str, Any], matches: Matches
) -> Group:
    """A group as it is described whole."""
    described = resources.read(Group, {**document, "members": None}), member_ids(document.get("members"))
    return _change_group(db, directory, group_id, lambda _known, _members: described, matches)


def patch_group(
    db: Database, directory: Directory, group_id: GroupId, document: Mapping[str, Any], matches: Matches
) -> Group:
    """A group, changed in part."""
    changes = operations(document)
    return _change_group(
        db, directory, group_id, lambda known, members: patched_group(known, members, changes), matches
    )


def delete_group(db: Database, directory: Directory, group_id: GroupId, matches: Matches | None) -> None:
    """A group gone; whoever had a role by it gets the one that is left to them. Raises NotFound."""
    with db.transaction(directory.caller, SCIM_PROVISION) as tx:
        if matches is not None:
            _check(show(resources.group(tx.get(groups.lock_group(group_id)), directory.base)), matches)
        tx.put(groups.settle_roles([], group_id, leaving=True))
        deleted = tx.put(groups.delete_group(group_id))
    _ = deleted.value


def _change_user(
    db: Database, directory: Directory, member_id: MemberId, change: Callable[[User], Wanted], matches: Matches
) -> User:
    with db.transaction(directory.caller, SCIM_PROVISION) as tx:
        row = tx.get(queries.lock_user(member_id))
        known = resources.user(row, directory.base)
        _check(show(known), matches)
        wanted = change(known)
        if wanted == resources.wanted(known):
            return known
        _check_power(row, wanted)
        event = MemberEvent.DEPROVISIONED if row.active and not wanted.active else MemberEvent.CHANGED
        updated = tx.put(queries.update_user(member_id, wanted, event, renamed=_is_renamed(known, wanted)))
        changed = tx.put(queries.user(member_id))
    _ = updated.value
    return resources.user(changed.value, directory.base)


def _is_renamed(known: User, wanted: Wanted) -> bool:
    before = resources.wanted(known)
    return (before.user_name, before.email) != (wanted.user_name, wanted.email)


def _check(shown: Shown, matches: Matches) -> None:
    if not matches(shown.etag):
        raise PreconditionFailed


def _check_power(row: UserRow, wanted: Wanted) -> None:
    """Whoever sets an address can sign in as who has it: that of somebody stronger is not a directory's to set."""
    if row.within:
        return
    if wanted.active and not row.active:
        raise ForbiddenException(detail=STRONGER.format("it can take them out, and not let them in again"))
    if (wanted.email or "").lower() != (row.email or "").lower():
        raise ForbiddenException(detail=STRONGER.format("it cannot change their address"))


def _change_group(
    db: Database,
    directory: Directory,
    group_id: GroupId,
    change: Callable[[Group, frozenset[UUID]], tuple[Group, frozenset[UUID]]],
    matches: Matches,
) -> Group:
    with db.transaction(directory.caller, SCIM_PROVISION) as tx:
        row = tx.get(groups.lock_group(group_id))
        known, before = resources.group(row, directory.base), frozenset(row.members)
        _check(show(known), matches)
        group, after = change(known, before)
        named = resources.group_name(group)
        if named == (row.display_name, row.external_id) and before == after:
            return known
        tx.put(groups.update_group(group_id, *named))
        _move(tx, row, before, after)
        changed = tx.put(groups.group(group_id))
    return resources.group(changed.value, directory.base)


def _move(tx: Transaction, row: GroupRow, before: frozenset[UUID], after: frozenset[UUID]) -> None:
    """Whoever joins or leaves; their role follows where the group has one."""
    leaving, joining = ([MemberId(one) for one in moved] for moved in (before - after, after - before))
    if leaving:
        tx.put(groups.leave_group(row.id, leaving))
    if joining:
        tx.put(groups.join_group(row.id, joining))
    if row.role is not None:
        tx.put(groups.settle_roles([*leaving, *joining], None, leaving=False))
