"""One attempt at a job: its kind's function, and how that ended, committed together with its effects."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from freehold.database import LeaseLost, Statement, TenantGone, Works
from freehold.errors import ApiError, PermissionDenied, TenantRestricted
from freehold.jobs import leases
from freehold.jobs.kinds import LARGEST, Again, Done, Effects, GiveUp, Kind, Outcome, Resume
from freehold.jobs.leases import Taken
from freehold.jobs.running import Canceled, Running
from freehold.observability import logger

NO_TIME = timedelta()
UNTIL_THE_BILL_IS_PAID = timedelta(hours=1)
"""How long the job of a tenant waits that may not run it now."""
LOST = "The worker that ran it was lost."

type Ended = Outcome | GiveUp | Canceled
type Ending = tuple[str, Statement[None], Effects]
"""In a word, for the log; what makes it so; and what commits with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is run, and in whose name: `running.works` is the submitter's, `works` the worker's own."""

    kind: Kind[Any]
    taken: Taken
    running: Running
    works: Works

    def make(self) -> str:
        """Run it; what became of it, in a word. Raises LeaseLost when somebody else has it: then nothing happened."""
        try:
            return self._end(self.running.works, self._run())
        except (LeaseLost, TenantGone):
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is one attempt)
            return self._end(self.works, _outcome_of(error))

    def _run(self) -> Outcome:
        if self.taken.attempt > self.taken.attempts:
            raise GiveUp(LOST)  # the last attempt was lost with its worker: nobody has said so to its kind
        if self.kind.permission:
            self.running.works.do()  # enters, and no more: whoever submitted it may have lost the permission since
        return self.kind.run(self.running, self.kind.input.model_validate(self.taken.input))

    def _end(self, works: Works, ended: Ended) -> str:
        word, statement, effects = self._ending(ended)
        works.do(statement, *effects)
        return word

    def _ending(self, ended: Ended) -> Ending:
        held, last = self.running.held, self.taken.attempt >= self.taken.attempts
        match ended:
            case Done(result, effects):
                _require_fits(result, "result")
                return "succeeded", leases.succeed(held, self.taken.job_class, result), effects
            case Resume(checkpoint, effects):
                _require_fits(checkpoint, "checkpoint")
                return "resumes", leases.resume(held, checkpoint), effects
            case Again(counts=True) if last:
                return self._failed(ended.reason, ended.effects)
            case Again():
                return "again", self._put_off(ended), ended.effects
            case GiveUp():
                return self._failed(ended.reason, ended.effects)
            case Canceled():
                return "canceled", leases.stop(held), ()

    def _failed(self, reason: str, effects: Effects) -> Ending:
        return "failed", leases.fail(self.running.held, reason), (*effects, *self._consequences(reason))

    def _consequences(self, reason: str) -> Effects:
        if self.kind.failed is None:
            return ()
        try:
            return self.kind.failed(self.kind.input.model_validate(self.taken.input), reason)
        except ValidationError:  # for that it has failed: there is nothing to tell whose it was
            return ()

    def _put_off(self, again: Again) -> Statement[None]:
        wait, spread = again.after, NO_TIME
        if wait is None:
            wait, spread = NO_TIME, self.kind.backoff.longest(self.taken.attempt)
        held = self.running.held
        return leases.put_off(held, wait=wait, spread=spread, reason=again.reason, counts=again.counts)


def _outcome_of(error: Exception) -> Ended:
    """What an exception amounts to. Of one that is not ours the reason tells the name alone: the log has the rest."""
    match error:
        case GiveUp() | Canceled():
            return error
        case TenantRestricted():
            return Again(UNTIL_THE_BILL_IS_PAID, error.detail, counts=False)
        case PermissionDenied():
            return GiveUp(f"Whoever asked for it may not do this any more: {error.detail}")
        case ApiError():
            return Again(None, error.detail)
        case _:
            logger.error("job failed unexpectedly", exc_info=error)
            return Again(None, f"It failed on our side ({type(error).__name__}).")


def _require_fits(value: dict[str, Any] | None, what: str) -> None:
    if len(json.dumps(value)) > LARGEST:
        raise GiveUp(f"Its {what} is larger than {LARGEST // 1024} KiB.")
