"""Deletes what is over, a part at a time: no lock is held for long, and a run that is killed has lost nothing."""

import time

from freehold.database import Database, Statement
from freehold.observability import logger
from freehold.upkeep import queries


def tidy(system: Database, *, latest: float) -> dict[str, int]:
    """How many rows of each were deleted. Begins no deletion from `latest` on, on the monotonic clock.

    One that fails keeps none of the others from being done: raises ExceptionGroup with whatever failed.
    """
    deleted: dict[str, int] = {}
    failures: list[Exception] = []
    for name, statement in queries.ALL.items():
        try:
            deleted[name] = _all(system, statement, latest)
        except Exception as error:  # noqa: BLE001 (it is raised with the others)
            failures.append(error)
    logger.info("tidied", deleted=deleted)
    if failures:
        raise ExceptionGroup("Some of what is over could not be deleted", failures)
    return deleted


def _all(system: Database, statement: Statement[int], latest: float) -> int:
    deleted = 0
    while time.monotonic() < latest and (part := system.outside(statement)):
        deleted += part
    return deleted
