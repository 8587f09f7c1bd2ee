"""The members' own events, as which a directory's changes are announced, and what is refused because of a name."""

from dataclasses import dataclass
from enum import StrEnum

from scim2_models import UniquenessException


class MemberEvent(StrEnum):
    """What becomes of a member."""

    CHANGED = "member.changed"
    DEPROVISIONED = "member.deprovisioned"


@dataclass(frozen=True, slots=True)
class Announced:
    """An event type of another feature."""

    name: str
    version: int = 1


MEMBER_JOINED = Announced("member.joined")
MEMBER_CHANGED = Announced(MemberEvent.CHANGED)


class UserExists(UniquenessException):
    """Somebody has this userName, or this address, already."""

    _default_detail = (
        "Somebody with this userName or address exists already: find them by a filter (userName, emails.value), and"
        " change them."
    )
