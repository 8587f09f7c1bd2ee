"""What the log says while a test runs, and how much of it is sampled."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from freehold.database import Database, database
from freehold.database.login import conninfo
from freehold.observability import logger
from freehold.settings import settings

type Line = dict[str, Any]
type Set = Callable[..., None]


@dataclass
class Log:
    """Everything that was written since the test began."""

    written: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        return self.written.getvalue()

    @property
    def lines(self) -> list[Line]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, message: str) -> list[Line]:
        return [line for line in self.lines if line["message"] == message]

    @property
    def spans(self) -> list[dict[str, Any]]:
        return [line["span"] for line in self.of("span")]


@pytest.fixture
def log(stage: None) -> Iterator[Log]:
    log = Log()
    handler = logging.StreamHandler(log.written)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield log
    logger.removeHandler(handler)


@pytest.fixture
def told(stage: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    """Settings, by their names: they hold until the test ends."""

    def tell(**given: object) -> None:
        for name, value in given.items():
            monkeypatch.setenv(f"FREEHOLD_{name.upper()}", str(value))
        settings.cache_clear()

    yield tell
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def system(stage: None, superuser: str) -> Iterator[Database]:
    """The relay's way in, with nothing waiting from tests before."""
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.turns")
        connection.execute("delete from app.jobs")
        connection.execute("update app.outbox set published_at = now() where published_at is null")
    system = Database(conninfo("freehold_system"))
    yield system
    system.close()


@pytest.fixture(autouse=True)
def disconnected(stage: None) -> Iterator[None]:
    yield
    database("freehold_worker").close()
