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
    return _shop(databases, acme)


@pytest.fixture
def two_shops(databases: dict[str, Database], acme: Company, globex: Company) -> list[Shop]:
    """That pay, and have used something one after the other."""
    shops = [_shop(databases, company) for company in (acme, globex)]
    for shop in shops:
        shop.subscribe()
        shop.use(1)
    return shops


@pytest.fixture
def account() -> Iterator[Account]:
    yield from opened(Account())


@pytest.fixture
def paying(shop: Shop, account: Account) -> Shop:
    shop.subscribe()
    return pays(shop, account)


def _shop(databases: dict[str, Database], company: Company) -> Shop:
    tenant = TenantId(company.id)
    identity = Identity(issuer=company.people.issuer.url, subject=company.owner.subject, issued_at=datetime.now(UTC))
    owner = PersonCaller(tenant_id=tenant, identity=identity, request_id="r", address="")
    worker = WorkerCaller(tenant_id=tenant, worker="usage", request_id="r")
    return Shop(company, databases["worker"].working(worker), Meters(), recorder(databases["api"], owner))
