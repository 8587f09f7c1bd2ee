"""What the clock calls for is done once for each period: the first call does it, a late or doubled one finds it done.

once(database("freehold_system"), "upkeep", period(event, "hour"), work, hold=clock.left(context))
"""

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from freehold.database import Database, Statement
from freehold.errors import Unavailable
from freehold.observability import logger

type Every = Literal["minute", "hour", "day"]

WRITTEN: dict[Every, str] = {"minute": "%Y-%m-%dT%H:%M", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}
LONGEST = 900.0  # seconds, of an invocation
TAKE = "select app.take_turn(%(name)s, %(period)s, %(holder)s, %(hold)s)"
END = "select app.end_turn(%(name)s, %(period)s, %(holder)s)"


def period(event: Mapping[str, Any], every: Every) -> str:
    """Of a call by the clock: when it was due, in UTC, whenever it came."""
    return datetime.fromisoformat(event["scheduled_at"]).astimezone(UTC).strftime(WRITTEN[every])


def once(system: Database, name: str, period: str, work: Callable[[], object], *, hold: float) -> bool:
    """Do the work of this period, unless it is done or somebody is at it; whether this call did it.

    Who is at it and says nothing for `hold` seconds is taken for dead; take what is left of the invocation. Work that
    raises may be tried again at once, and raises here.
    """
    turn = {"name": name, "period": period, "holder": str(uuid4())}
    if not _take(system, turn, hold):
        logger.info("not our turn", name_of_turn=name, period=period)
        return False
    try:
        work()
    except BaseException:
        with contextlib.suppress(Unavailable):
            _take(system, turn, 0)
        raise
    system.outside(Statement(END, turn, lambda _: None))
    return True


def _take(system: Database, turn: Mapping[str, Any], hold: float) -> bool:
    params = {**turn, "hold": timedelta(seconds=min(hold, LONGEST))}
    return system.outside(Statement(TAKE, params, lambda result: bool(result.fetchone()[0])))
