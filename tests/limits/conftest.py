"""Plans of the test's own, published as a deploy does it; what was published before is put back."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from local.companies import Company
from tests.functions.test_scim import Scim, sending, token
from tests.sso.conftest import connect, tenant

__all__ = ["connect", "tenant"]  # fixtures are found by their names here

type Publish = Callable[..., None]
LIMITS: dict[str, dict[str, Any]] = {
    "seats": {"name": "Members", "soft": False, "meter": None},
    "projects": {"name": "Projects", "soft": False, "meter": None},
    "api_calls": {"name": "API calls a month", "soft": False, "meter": "api_calls"},
}
RUNS, CREATES = int(os.environ.get("LIMIT_RUNS", "1")), int(os.environ.get("LIMIT_CREATES", "60"))


def document(soft: tuple[str, ...] = (), **most: int | None) -> dict[str, Any]:
    """Plans of which the one that everybody has allows so many of each; no limit of what is not named."""
    allowed = dict.fromkeys(LIMITS) | most
    free = {"name": "Free", "rank": 0, "retired": False, "sold": False, "features": [], "limits": allowed, "rates": {}}
    pro = free | {"name": "Pro", "rank": 1, "sold": True, "limits": dict.fromkeys(LIMITS)}
    return {
        "fallback": "free",
        "after_cancel": "free",
        "features": {},
        "limits": {key: each | {"soft": key in soft} for key, each in LIMITS.items()},
        "rates": {},
        "plans": {"free": free, "pro": pro},
        "add_ons": {},
        "grandfathered": [],
        "dunning": [],
    }


@pytest.fixture
def publish(superuser: str) -> Iterator[Publish]:
    """Puts plans into force."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        former = connection.execute("select catalog, digest from app.snapshot").fetchone()
        assert former is not None

        def put(catalog: dict[str, Any], digest: str) -> None:
            with connection.transaction():
                connection.execute("set local role freehold_owner")
                connection.execute("select app.publish_catalog(%s, %s, '[]')", [json.dumps(catalog), digest])

        yield lambda *soft, **most: put(document(soft, **most), uuid4().hex)
        put(*former)


@pytest.fixture
def scim(acme: Company) -> Scim:
    return sending(token(acme)["secret"])


def count(company: Company, table: str, condition: str = "true") -> int:
    """How many of its rows there are."""
    sql = f"select count(*) from app.{table} where tenant_id = %(tenant_id)s and {condition}"
    [(found,)] = company.execute(sql)
    return int(found)


def active(company: Company) -> int:
    """How many seats are taken."""
    return count(company, "members", "status = 'active'")
