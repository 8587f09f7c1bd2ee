"""When nothing is sent to an endpoint that fails, and when it is given up: rules over what is remembered of it.

After five failures in a row, or two timeouts, it is paused for 30 seconds; then one delivery goes ahead of the others,
the scout. If that one fails, the pause begins again, twice as long, up to an hour. A success ends it all.
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

FAILURES, TIMEOUTS = 5, 2
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
DOUBLED = 7
"""How often until it is longer than the longest."""
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
    is_too_much = was_scout or (not past.pauses and (failures >= FAILURES or timeouts >= TIMEOUTS))
    pause = max(_length(past.pauses) if is_too_much else NOTHING, asked)
    return past.model_copy(
        update={
            "failures": failures,
            "timeouts": timeouts,
            "pauses": past.pauses + is_too_much,
            "paused_until": _paused_until(past, pause, anew=was_scout),
        }
    )


def _length(pauses: int) -> timedelta:
    return min(FIRST * (1 << min(pauses, DOUBLED)), LONGEST)


def _paused_until(past: Failing, pause: timedelta, *, anew: bool) -> datetime | None:
    """The later end, unless the pause that was is over."""
    if not pause:
        return past.paused_until
    end = past.now + pause
    return end if anew or past.paused_until is None else max(past.paused_until, end)
