"""What a PATCH makes of a person or a group."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidValueException,
    MutabilityException,
    PatchOp,
    Path,
    PayloadTooLargeException,
    Resource,
)
from scim2_models.path.expressions import Comparison, FilterNode, LogicalExpr

from freehold.scim.dialects import Operation
from freehold.scim.filters import attribute_of
from freehold.scim.resources import LENIENT, Group, User, invalid

MOST_MEMBERS = 1000
"""So many a request adds, removes or names at most."""
MEMBERS = "members"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def patched_user(person: User, changes: list[Operation]) -> User:
    """The person after all operations, or none. Raises a SCIMException."""
    changed = person.model_copy(deep=True)
    _apply(User, changed, changes)
    return changed


def patched_group(known: Group, members: frozenset[UUID], changes: list[Operation]) -> tuple[Group, frozenset[UUID]]:
    """The group after all operations, and who is in it then. Raises a SCIMException.

    Members are a set here: removing a thousand of ten thousand one by one would take minutes.
    """
    changed = known.model_copy(deep=True, update={"members": None})
    _apply(Group, changed, [each for each in changes if not _of_members(each)])
    _count(changes)
    for each in changes:
        if _of_members(each):
            members = _after(members, each)
    return changed, members


def member_ids(values: Any) -> frozenset[UUID]:  # noqa: ANN401 (JSON)
    """The users that a list of members names. Raises InvalidValueException for what is no user's id."""
    given = values if isinstance(values, list) else [] if values is None else [values]
    if len(given) > MOST_MEMBERS:
        raise _too_many()
    return frozenset(_member_id(each) for each in given)


def _apply[R: Resource[Any]](kind: type[R], resource: R, changes: list[Operation]) -> None:
    if not changes:
        return
    document = {"schemas": [PATCH], "Operations": changes}
    try:
        with LENIENT:
            patch = PatchOp[kind].model_validate(document, scim_ctx=Context.RESOURCE_PATCH_REQUEST)  # type: ignore[valid-type]  # the library makes the type at run time
            patch.patch(resource)
    except ValidationError as error:
        raise invalid(error) from error


def _of_members(operation: Mapping[str, Any]) -> bool:
    return str(operation["path"]).lower().partition("[")[0].partition(".")[0] == MEMBERS


def _after(members: frozenset[UUID], operation: Mapping[str, Any]) -> frozenset[UUID]:
    path, verb = str(operation["path"]), operation["op"]
    if path.lower() != MEMBERS:
        return members - _selected(path, verb)
    match verb:
        case "add":
            return members | member_ids(operation.get("value"))
        case "replace":
            return member_ids(operation.get("value"))
        case "remove" if operation.get("value") is None:
            return frozenset()
        case "remove":
            return members - member_ids(operation["value"])
        case _:
            raise InvalidValueException(detail="An operation is add, replace or remove.")


def _selected(path: str, verb: str) -> frozenset[UUID]:
    """Whom `members[value eq "…" or value eq "…"]` means."""
    if verb != "remove":
        raise MutabilityException(detail="A member of a group is added or removed, and never changed.")
    chosen = Path[Group](path).value_filter
    if chosen is None:
        raise MutabilityException(detail='A member is removed as in members[value eq "…"].')
    return frozenset(_named(chosen))


def _named(node: FilterNode) -> Iterable[UUID]:
    match node:
        case LogicalExpr() if node.op.value == "or":
            return [found for term in node.terms for found in _named(term)]
        case Comparison() if attribute_of(node.attr_path) == "value" and node.op.value == "eq":
            return [_member_id({"value": node.value})]
        case _:
            raise InvalidValueException(detail="Members are selected by value eq, and several by or.")


def _member_id(given: Any) -> UUID:  # noqa: ANN401 (JSON)
    try:
        return UUID(str(given["value"]))
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidValueException(detail="members: each has the id of a user as its value.") from error


def _count(changes: Iterable[Mapping[str, Any]]) -> None:
    """All operations of a request together."""
    lists = (each.get("value") for each in changes)
    if sum(len(each) for each in lists if isinstance(each, list)) > MOST_MEMBERS:
        raise _too_many()


def _too_many() -> PayloadTooLargeException:
    return PayloadTooLargeException(
        detail=f"A request names at most {MOST_MEMBERS} members: send the others in further requests."
    )
