"""What a mail is made of; every text that somebody else has written becomes one clean line."""

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from freehold.fields import CONTROLS, Address, Moment, visible
from freehold.ids import TenantId

LONGEST_LINE = 300
_BREAKS = (*CONTROLS, "Zl", "Zp")
_REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def _one_line(text: str) -> str:
    """The text on one line of at most 300 characters, without what ends lines or turns the order of letters around."""
    kept = (_shown(character) for character in text if unicodedata.bidirectional(character) not in _REORDERING)
    line = " ".join("".join(kept).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _shown(character: str) -> str:
    return " " if unicodedata.category(character) in _BREAKS else character


def _without_last_slash(url: str) -> str:
    return url.rstrip("/")


type Line = Annotated[str, AfterValidator(_one_line)]
type Secret = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_]*$")]
"""What a mail carries and nobody keeps: a link may hold it."""
type Color = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$", to_lower=True)]
type LogoUrl = Annotated[
    str, StringConstraints(max_length=500, pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?/[!#-;=?-~]*$")
]
type PublicUrl = Annotated[
    str,
    StringConstraints(pattern=r"^(https://[A-Za-z0-9.-]+|http://127\.0\.0\.1)(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$"),
    AfterValidator(_without_last_slash),
]


class Template(BaseModel):
    """What a mail says besides its words: each folder of `templates/` has one, and its words beside it.

    A field that is added later needs a default, because a mail may be waiting that was written without it.
    """

    model_config = ConfigDict(frozen=True)

    def shown(self) -> dict[str, str]:
        """Every field as readers see it, the same in each language."""
        return {name: _as_text(value) for name, value in self}


def _as_text(value: str | int | UUID | Moment) -> str:
    return value.strftime("%Y-%m-%d %H:%M UTC") if isinstance(value, datetime) else str(value)


class Letterhead(BaseModel):
    """In whose name a mail is written, and the address that all its links lie below."""

    model_config = ConfigDict(frozen=True)

    name: Line
    logo_url: LogoUrl | None = None
    color: Color = "#2f5bd7"
    public_url: PublicUrl


class Words(BaseModel):
    """A mail as its reader sees it, twice: as text and as HTML."""

    model_config = ConfigDict(frozen=True)

    subject: Annotated[str, AfterValidator(visible)]
    text: str
    html: str


class Mail(Words):
    """What is handed to the gateway. A second try has the same id."""

    id: UUID
    tenant_id: TenantId
    sender: Line
    """The name that it comes from; the address is the stage's."""
    to: Address


class State(StrEnum):
    """What became of a mail; the first is the only one that is not final."""

    WAITING = "waiting"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    REFUSED = "refused"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Recipient(BaseModel):
    """Somebody to be told something, in their tenant's language."""

    address: str
    locale: str


class NewMail(BaseModel):
    """A mail that is to be written. Its id is made of its cause and its address."""

    id: UUID
    cause: str
    address: str
    locale: str
    says: Template


class KeptMail(BaseModel):
    """A mail with all that it takes to write it, and to know whether to."""

    id: UUID
    address: str
    template: str
    fields: dict[str, Any]
    locale: str
    state: State
    brand: str
    logo_url: str | None
    color: str | None
    suppressed: bool
    overdue: bool
