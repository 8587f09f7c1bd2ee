"""What a function that nobody waits for does at init."""

from freehold.database import database
from freehold.errors import Unavailable
from freehold.observability import logger


def open_connections(*roles: str) -> None:
    """Connect as each role; where the database cannot be reached now, the first message tries again."""
    for role in roles:
        try:
            database(role).connect()
        except Unavailable as error:
            logger.warning("no database connection at init", role=role, exc_info=error)
