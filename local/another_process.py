"""As if the process had started just now: settings, connection and handlers are out of sight, and come back."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from freehold.database import database
from freehold.database.migrations.bootstrap import REQUEST_ROLES
from freehold.observability import logger
from freehold.settings import settings


@contextmanager
def another_process(variables: Mapping[str, str], *, log_level: int | None = None) -> Iterator[None]:
    """With these variables in its environment, and its log no lower than `log_level`."""
    level = logger.log_level
    environment = {name: os.environ.get(name) for name in variables}
    handlers = {name: module for name, module in sys.modules.items() if _is_a_handler(name)}
    forget()
    os.environ.update(variables)
    logger.setLevel(log_level or level)
    try:
        yield
    finally:
        forget()
        logger.setLevel(level)
        for name, value in environment.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        sys.modules.update(handlers)
        for name, module in handlers.items():
            setattr(sys.modules[name.rpartition(".")[0]], "handler", module)  # noqa: B010 (as importing does)


def forget() -> None:
    """Settings, connection, and every handler with what it holds."""
    if database.cache_info().currsize:
        database().close()  # the cache takes it for another one than that of its role by name
        for role in REQUEST_ROLES:
            database(role).close()
    database.cache_clear()
    settings.cache_clear()
    for name in [name for name in sys.modules if _is_a_handler(name)]:
        del sys.modules[name]


def _is_a_handler(name: str) -> bool:
    return name.startswith("functions.") and name.endswith(".handler")
