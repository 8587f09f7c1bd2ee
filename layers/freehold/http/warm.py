"""What a function does at init, so that no request waits for it."""

from freehold.database import database
from freehold.errors import Unavailable
from freehold.observability import logger


def open_connection() -> None:
    """Connect at init; when the database cannot be reached then, the first request tries again."""
    try:
        database().connect()
    except Unavailable as error:
        logger.warning("no database connection at init", exc_info=error)
