"""Kinds of jobs, as values: what one takes, what it does, and how often that is tried.

    EXPORT = Kind(name="reports.export", job_class=JobClass.BULK, input=Wanted, run=export, permission=REPORTS_READ)

`run` answers with an outcome. What it gives as `effects` commits together with the outcome, or neither does. An
exception is one more failed attempt; `GiveUp` is the last one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from freehold.database import Statement
from freehold.errors import InvalidInput
from freehold.jobs.models import JobClass
from freehold.permissions import Permission

if TYPE_CHECKING:
    from freehold.jobs.running import Running

LARGEST = 64 * 1024
"""Bytes of JSON that a job is given, leaves as a checkpoint, or has as its result; files go elsewhere."""

type Effects = tuple[Statement[Any], ...]


@dataclass(frozen=True, slots=True)
class Done:
    """It succeeded. `result` is shown with the job."""

    result: dict[str, Any] | None = None
    effects: Effects = ()


@dataclass(frozen=True, slots=True)
class Again:
    """It did not succeed, for a reason that a customer may read. `after` None leaves the wait to the kind's backoff.

    What `counts` is one of its attempts; after the last one it has failed.
    """

    after: timedelta | None
    reason: str
    counts: bool = True
    effects: Effects = ()


@dataclass(frozen=True, slots=True)
class Resume:
    """It is not done and goes on in another invocation, from `checkpoint`, as the same attempt."""

    checkpoint: dict[str, Any]
    effects: Effects = ()


type Outcome = Done | Again | Resume


class GiveUp(Exception):
    """It can never succeed, for a reason that a customer may read."""

    def __init__(self, reason: str, *, effects: Effects = ()) -> None:
        self.reason, self.effects = reason, effects
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after each failed attempt, on average; the last one is for all that follow.

    Each wait is anything from nothing to twice its average, evenly, so that what failed together is not tried together.
    """

    waits: tuple[timedelta, ...]

    def longest(self, attempt: int) -> timedelta:
        """The longest wait after this attempt, counted from one."""
        return 2 * self.waits[min(attempt, len(self.waits)) - 1]


USUAL = Backoff(
    (
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    )
)
"""Ten attempts over 75 h 35 min, as Standard Webhooks recommends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind[I: BaseModel]:
    """One kind of job. `permission` is looked at again when it starts, for whoever submitted it."""

    name: str
    job_class: JobClass
    input: type[I]
    run: Callable[["Running", I], Outcome]
    attempts: int = 10
    backoff: Backoff = USUAL
    permission: Permission | None = None
    failed: Callable[[I, str], Effects] | None = None
    """Whatever it failed of for good, and for which reason: what commits together with that, after its own effects."""

    def written(self, given: I) -> str:
        """What a job is given, as JSON. Raises InvalidInput where that is too much for one."""
        text = given.model_dump_json()
        if len(text.encode()) > LARGEST:
            raise InvalidInput(f"This is too much for one job: it takes {LARGEST // 1024} KiB at most.")
        return text
