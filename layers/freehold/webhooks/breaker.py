"""When a receiver that fails is paused, and when it is given up: rules over what is remembered of it.

After five failures in a row, or two timeouts, nothing is sent for 30 seconds; then one delivery goes ahead of the
others, to see. If that one fails, the pause begins again, twice as long, up to an hour. A success ends it all.
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

FAILURES, TIMEOUTS = 5, 2
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
HOPELESS = timedelta(days=5)
NOTHING = timedelta()


class Failing(BaseModel):
    """How an endpoint has failed since it last answered well; `now` is the database's."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    failures: int
    timeouts: int
    pauses: int
    paused_until: AwareDatetime | None
    now: AwareDatetime

    @property
    def is_hopeless(self) -> bool:
        """Whether it has failed for so long that somebody has to look at it. How often does not count."""
        return self.now - self.since >= HOPELESS

    @property
    def pause_left(self) -> timedelta:
        """For how long nothing is sent there."""
        return max(self.paused_until - self.now, NOTHING) if self.paused_until else NOTHING


def after_failure(past: Failing, *, timed_out: bool, was_scout: bool, asked: timedelta) -> Failing:
    """The same one failure later. `asked` is how long the receiver wants to be left alone."""
    failures, timeouts = past.failures + 1, past.timeouts + 1 if timed_out else 0
    pauses_now = was_scout or (not past.pauses and (failures >= FAILURES or timeouts >= TIMEOUTS))
    pause = max(min(FIRST * 2**past.pauses, LONGEST) if pauses_now else NOTHING, asked)
    return past.model_copy(
        update={
            "failures": failures,
            "timeouts": timeouts,
            "pauses": past.pauses + pauses_now,
            "paused_until": _later(past.paused_until, past.now + pause, began_anew=was_scout)
            if pause
            else past.paused_until,
        }
    )


def _later(pause: datetime | None, other: datetime, *, began_anew: bool) -> datetime:
    return other if pause is None or began_anew else max(pause, other)
