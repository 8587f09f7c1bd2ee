"""What every test stands on: a real PostgreSQL behind a wire that is watched, a real issuer, and real handlers."""

import json
import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from freehold import clock
from freehold.database import database
from freehold.database.catalog import Catalog, read_catalog
from freehold.database.migrations.bootstrap import DATABASE
from local.companies import Company, People
from local.database import Database as LocalDatabase
from local.database import prepared
from local.errors import LocalError
from local.issuer import AUDIENCE, Issuer
from local.payments import Payments
from local.postgres import SUPERUSER, Postgres
from product.plans import PLANS
from tests.wire import Wire

PUBLIC_URL = "https://app.example.test"
STRIPE = {"secret_key": "sk_test_double", "webhook_secrets": ["whsec_of_the_tests"]}
"""What opens Stripe, but for where it is."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """No test has only the time that a handler was given in the one before."""
    clock.allow(math.inf)


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with ExitStack() as running:
        try:
            server = running.enter_context(prepared())
        except LocalError as refused:  # each test would say so again
            pytest.exit(f"The tests have no database to run on. {refused}", returncode=1)
        yield server


@pytest.fixture(scope="session")
def wire(server: Postgres) -> Iterator[Wire]:
    wire = Wire(server.port)
    yield wire
    wire.close()
    assert wire.pinning() == set(), "this run has sent statements that pin a session of RDS Proxy"
    assert wire.named_statements == 0, "this run has prepared statements"
    assert wire.flushes == 0, "this run has sent a Flush, for which a pooler would hold a connection"


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with Issuer(Path(tmp_path_factory.mktemp("issuer"))) as issuer:
        yield issuer


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """A tenant's own identity provider, on loopback as nothing of a tenant's is when deployed."""
    with Issuer(Path(tmp_path_factory.mktemp("provider"))) as provider:
        yield provider


@pytest.fixture(scope="session")
def payments() -> Iterator[Payments]:
    """Stripe's double, which sells the plans; billing tests have one each."""
    with Payments(endpoint="", environment={}) as payments:
        payments.push_plans()
        yield payments


@pytest.fixture(scope="session")
def stage(server: Postgres, wire: Wire, issuer: Issuer, provider: Issuer, payments: Payments) -> Iterator[None]:
    """The environment of a deployed function, before the first handler is imported."""
    conninfo = server.conninfo_without_user(database=DATABASE).replace(f"port={server.port}", f"port={wire.port}")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FREEHOLD_STAGE", "test")
        environment.setenv("FREEHOLD_DATABASE", conninfo)
        environment.setenv("FREEHOLD_ISSUERS", json.dumps([{"issuer": issuer.url, "audience": AUDIENCE}]))
        environment.setenv("FREEHOLD_WEBHOOK_LISTENERS", json.dumps([provider.url.removeprefix("http://")]))
        environment.setenv("FREEHOLD_KEY_MODE", "test")
        environment.setenv("FREEHOLD_FILES", "files")
        environment.setenv("FREEHOLD_ANCHORS", "anchors")
        environment.setenv("FREEHOLD_STRIPE", json.dumps(STRIPE | {"api": payments.url}))
        environment.setenv("FREEHOLD_PUBLIC_URL", PUBLIC_URL)
        yield
        database().close()


@pytest.fixture(scope="session")
def superuser(server: Postgres) -> str:
    """How a test reaches past every policy; the product never does."""
    return server.conninfo(user=SUPERUSER, database=DATABASE)


@pytest.fixture(scope="session")
def catalog(superuser: str) -> Catalog:
    return read_catalog(superuser)


@pytest.fixture
def plans(server: Postgres) -> Iterator[None]:
    """The product's plans in force, where every other test has all of everything."""
    database = LocalDatabase(server)
    database.publish(PLANS)
    yield
    database.publish()


@pytest.fixture
def people(stage: None, issuer: Issuer, superuser: str) -> People:
    return People(issuer, superuser)


@pytest.fixture
def acme(people: People) -> Company:
    return people.company("Acme")


@pytest.fixture
def globex(people: People) -> Company:
    """The neighbour."""
    return people.company("Globex")
