"""What a function does at init, so that no request waits for it."""

import gc
import math

from freehold import clock
from freehold.database import database
from freehold.errors import Unavailable
from freehold.observability import logger

AT_INIT = 5.0  # seconds; Lambda starts an init over that takes 10


def open_connection() -> None:
    """Connect at init; when the database cannot be reached then, the first request tries again.

    What init has made lives as long as the process: from here on the garbage collector need not look at it.
    """
    clock.allow(AT_INIT)
    try:
        database().connect()
    except Unavailable as error:
        logger.warning("no database connection at init", exc_info=error)
    finally:
        clock.allow(math.inf)
    gc.freeze()
