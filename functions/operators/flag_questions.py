"""What operators ask of flags, and how they change them for everybody, or choose a variant for one tenant or member.

{"ask": "flags"}                                                       {"flags": [{"key": "…", "version": 3, …}]}
{"ask": "flag", "key": "new-editor"}                                   {"flag": {…}, "history": [{…}]}
{"ask": "change_flag", "flag": {…}, "expected": 3, "reason": "…"}      {"version": 4}
{"ask": "target_flag", "tenant": "…", "flag": "new-editor", "variant": "on", …}    {"target": "…"}
{"ask": "end_target", "tenant": "…", "flag": "new-editor", "reason": "…"}          {"ended": true}
{"ask": "exposures", "key": "pricing-page"}                            {"exposures": [{"variant": "a", "units": 5, …}]}
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from freehold.errors import InvalidInput, NotFound, UnknownFlag
from freehold.fields import Input, Moment
from freehold.flags.reading import FlagUnfit, read_flag
from freehold.ids import MemberId, TenantId
from freehold.operators import changes, service
from freehold.operators.models import Errand
from functions.operators.asking import Asking, Key, Reason, Word

NO_MEMBER = "This tenant has no such member: `freehold operator show <tenant> members` lists them."


class Flags(Input):
    """Which there are."""

    ask: Literal["flags"]


class OneFlag(Input):
    """One, and who has changed it, when and why."""

    ask: Literal["flag"]
    key: Key


class ChangeFlag(Input):
    """To make one, or to have it be another; `expected` is the version that was seen, 0 for none."""

    ask: Literal["change_flag"]
    flag: dict[str, Any]
    expected: Annotated[int, Field(ge=0, lt=2**31 - 1)]
    reason: Reason


class TargetFlag(Input):
    """To show a variant to one tenant, or to one of its members."""

    ask: Literal["target_flag"]
    tenant: TenantId
    flag: Key
    member: MemberId | None = None
    variant: Word
    until: Moment | None = None
    reason: Reason


class EndTarget(Input):
    """To have the rules decide again."""

    ask: Literal["end_target"]
    tenant: TenantId
    flag: Key
    member: MemberId | None = None
    reason: Reason


class Exposures(Input):
    """How many were shown which variant."""

    ask: Literal["exposures"]
    key: Key


type FlagQuestion = Flags | OneFlag | ChangeFlag | TargetFlag | EndTarget | Exposures


def answer(asking: Asking, question: FlagQuestion) -> dict[str, Any]:
    """As JSON. Raises ApiError."""
    match question:
        case Flags():
            return {"flags": asking.db.outside(changes.show_flags(None))}
        case OneFlag():
            return {"flag": _flag(asking, question.key), "history": _history(asking, question.key)}
        case ChangeFlag():
            return {"version": _change(asking, question)}
        case TargetFlag():
            return {"target": _target(asking, question)}
        case EndTarget():
            visitor = asking.visitor(question.tenant, Errand.CHANGE_DECISIONS, question.reason)
            return {"ended": service.end_target(asking.db, visitor, question.flag, question.member)}
        case Exposures():
            _flag(asking, question.key)
            return {"exposures": asking.db.outside(changes.flag_exposures(question.key))}


def _flag(asking: Asking, key: str) -> dict[str, Any]:
    """Raises UnknownFlag."""
    found = asking.db.outside(changes.show_flags(key))
    if not found:
        raise UnknownFlag
    return found[0]


def _history(asking: Asking, key: str) -> list[dict[str, Any]]:
    return asking.db.outside(changes.flag_history(key))


def _change(asking: Asking, question: ChangeFlag) -> int:
    try:
        flag = read_flag(question.flag)
    except FlagUnfit as error:
        raise InvalidInput(str(error)) from error
    return asking.db.outside(
        changes.change_flag(
            operator=asking.operator,
            reason=question.reason,
            key=flag.key,
            definition=flag.as_json(),
            expected=question.expected,
            request_id=asking.request_id,
        )
    )


def _target(asking: Asking, question: TargetFlag) -> str:
    visitor = asking.visitor(question.tenant, Errand.CHANGE_DECISIONS, question.reason)
    try:
        made = service.target_flag(
            asking.db,
            visitor,
            flag=question.flag,
            member_id=question.member,
            variant=question.variant,
            until=question.until,
        )
    except UnknownFlag:
        raise
    except NotFound as error:
        raise NotFound(NO_MEMBER) from error
    return str(made)
