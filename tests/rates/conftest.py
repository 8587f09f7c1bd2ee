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


def plan(name: str, rank: int, **rates: list[int] | None) -> dict[str, Any]:
    """With every feature."""
    features = ["scim", "sso", "audit_export"]
    said = {"rank": rank, "retired": False, "sold": rank > 0, "features": features, "limits": {}}
    return {"name": name, **said, "rates": rates}


CATALOG: dict[str, Any] = {
    "fallback": "free",
    "after_cancel": "free",
    "features": {"scim": "Members from a directory", "sso": "Sign-in of your own", "audit_export": "The trail"},
    "limits": {},
    "rates": {
        "read": {"name": "Reads", "key_share": 0.5},
        "write": {"name": "Writes", "key_share": 1},
        "ingest": {"name": "Usage", "key_share": 1},
        "directory": {"name": "Directory", "key_share": 1},
    },
    "plans": {
        "free": plan("Free", 0, read=None, write=None, ingest=None, directory=None),
        "pro": plan("Pro", 1, read=[60, 60]),
        "scale": plan("Scale", 2, read=[600, 60]),
    },
    "add_ons": {},
    "grandfathered": [
        {
            "id": "early",
            "plan": "pro",
            "before": "2099-01-01T00:00:00Z",
            "until": None,
            "features": [],
            "limits": {},
            "rates": {"read": [120, 60]},
        }
    ],
    "dunning": [],
}

PUT = "update app.snapshot set catalog = %s, version = version + 1"

type Agree = Callable[..., str]


@pytest.fixture(scope="package", autouse=True)
def catalog_with_rates(superuser: str) -> Iterator[None]:
    """Published, and what was published before put back afterwards."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        [before] = connection.execute("select catalog from app.snapshot").fetchall()
        connection.execute(PUT, [json.dumps(CATALOG)])
        yield
        connection.execute(PUT, [json.dumps(before[0])])


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
