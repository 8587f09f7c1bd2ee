"""A shop that has used nothing yet."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from freehold.callers import Identity, PersonCaller, WorkerCaller
from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.ids import TenantId
from local.companies import Company
from local.postgres import Postgres
from tests.usage.account import Account, opened, pays
from tests.usage.shop import Meters, Shop, recorder


@pytest.fixture(scope="session")
def databases(server: Postgres) -> Iterator[dict[str, Database]]:
    """As the roles of requests, workers and the clock."""
    opened = {
        role: Database(server.conninfo(user=f"freehold_{role}", database=DATABASE))
        for role in ("api", "worker", "system")
    }
    yield opened
    for database in opened.values():
        database.close()


@pytest.fixture
def shop(databases: dict[str, Database], acme: Company) -> Shop:
    tenant = TenantId(acme.id)
    identity = Identity(issuer=acme.people.issuer.url, subject=acme.owner.subject, issued_at=datetime.now(UTC))
    owner = PersonCaller(tenant_id=tenant, identity=identity, request_id="r", address="")
    worker = WorkerCaller(tenant_id=tenant, worker="usage", request_id="r")
    return Shop(acme, databases["worker"].working(worker), Meters(), recorder(databases["api"], owner))


@pytest.fixture
def account() -> Iterator[Account]:
    yield from opened(Account())


@pytest.fixture
def paying(shop: Shop, account: Account) -> Shop:
    shop.subscribe()
    return pays(shop, account)
