"""A stage with rates: nobody is limited but those with whom it was agreed."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from freehold.database import Database
from freehold.database.login import conninfo
from freehold.rates.leases import Leases
from local.companies import Company
from tests.rates.asking import Clock

CATALOG: dict[str, Any] = {
    "fallback": "free",
    "features": {},
    "limits": {},
    "rates": {
        "read": {"name": "Reads", "key_share": 0.5},
        "write": {"name": "Writes", "key_share": 1},
        "ingest": {"name": "Usage", "key_share": 1},
        "directory": {"name": "Directory", "key_share": 1},
    },
    "plans": {
        "free": {"rates": {"read": None, "write": None, "ingest": None, "directory": None}},
        "pro": {"rates": {"read": [60, 60]}},
        "scale": {"rates": {"read": [600, 60]}},
    },
    "add_ons": {},
    "grandfathered": [
        {"id": "early", "plan": "pro", "before": "2099-01-01T00:00:00Z", "until": None, "rates": {"read": [120, 60]}}
    ],
    "dunning": [],
}

type Agree = Callable[..., str]


@pytest.fixture(scope="session", autouse=True)
def catalog_with_rates(superuser: str) -> Iterator[None]:
    """Published, and what was published before put back afterwards."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        [before] = connection.execute("select catalog from app.snapshot").fetchall()
        connection.execute("update app.snapshot set catalog = %s", [json.dumps(CATALOG)])
        yield
        connection.execute("update app.snapshot set catalog = %s", [json.dumps(before[0])])


@pytest.fixture
def agree() -> Agree:
    """Agrees rates, or a plan, with a company; answers with the override's id."""

    def agreed(company: Company, *, plan: str | None = None, **rates: tuple[int, int] | None) -> str:
        [(override,)] = company.execute(
            "insert into app.overrides (source, plan, rates, reason, agreed_by)"
            " values ('operator', %(plan)s, %(rates)s, 'as the tests need it', 'tests') returning id",
            plan=plan,
            rates=json.dumps(rates),
        )
        return str(override)

    return agreed


@pytest.fixture
def process(stage: None) -> Iterator[Database]:
    """One that has seen nobody yet."""
    process = Database(conninfo("freehold_api"))
    yield process
    process.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(clock: Clock) -> Leases:
    return Leases(clock)
