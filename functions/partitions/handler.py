"""What the clock calls once a day; called once too often, it finds nothing to do."""

from typing import Any

from freehold import clock
from freehold.database.login import conninfo, ready
from freehold.database.migrations import MIGRATOR
from freehold.database.partitions import keep_up
from freehold.messaging.clockwork import called_by_the_clock
from freehold.observability import logger
from freehold.releases import checked


@checked(MIGRATOR)
@called_by_the_clock("partitions")
def handler(_event: dict[str, Any], _context: object) -> dict[str, list[str]]:
    """The names of what was made and dropped. An exception is a failed invocation, which Lambda repeats."""
    return {"done": keep_up(ready(conninfo(MIGRATOR)), now=clock.now(), tell=logger.info)}
