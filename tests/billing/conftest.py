"""A Stripe account for the billing tests: the double, or Stripe itself where STRIPE_TEST_KEY holds a test key."""

import os
from collections.abc import Callable, Iterator

import pytest

from freehold.billing.sync import Gateway
from freehold.database import Database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.settings import settings
from local.billing_difference import difference
from local.billing_push import push
from local.billing_shop import Shop
from local.companies import Company
from local.errors import LocalError
from local.postgres import Postgres
from local.stripe_double.service import StripeDouble
from product.plans import PLANS
from tests.billing.account import StripeAccount, real_key
from tests.billing.desk import Desk
from tests.billing.till import HOME, Till, secret


@pytest.fixture
def stripe_account() -> Iterator[StripeAccount]:
    try:
        key = real_key(os.environ)
    except LocalError as refused:
        pytest.exit(str(refused), returncode=2)
    with StripeAccount(key) as account:
        yield account
    assert account.double is None or account.double.failures == [], "the double has made a mistake of its own"


@pytest.fixture
def stripe_double(stripe_account: StripeAccount) -> StripeDouble:
    """For what nobody can make Stripe itself do: faults, lost and doubled events, disorder."""
    if stripe_account.double is None:
        pytest.skip("Stripe itself breaks nothing to order")
    return stripe_account.double


@pytest.fixture(scope="session")
def stocked() -> Iterator[StripeAccount]:
    """One that sells what this product does, for all tests that keep to their own customers."""
    with StripeAccount(real_key(os.environ)) as account:
        shop = Shop(account.key, api=account.api)
        push(shop, [change for change in difference(PLANS, shop.read()) if change.writes], quiet=True)
        yield account
    assert account.double is None or account.double.failures == [], "the double has made a mistake of its own"


@pytest.fixture
def breaking(stocked: StripeAccount) -> Iterator[StripeDouble]:
    """The same, broken to order."""
    if stocked.double is None:
        pytest.skip("Stripe itself breaks nothing to order")
    yield stocked.double
    stocked.double.faults.clear()


@pytest.fixture
def till(acme: Company, stocked: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    """Acme's."""
    monkeypatch.setenv("FREEHOLD_STRIPE", secret(stocked))
    monkeypatch.setenv("FREEHOLD_PUBLIC_URL", HOME)
    settings.cache_clear()
    acme.execute("delete from directory.trials")  # test cards are everybody's
    yield Till(acme, stocked)
    settings.cache_clear()


@pytest.fixture
def make_desk(server: Postgres, superuser: str) -> Iterator[Callable[[Gateway], Desk]]:
    """Of whatever Stripe looks are to be made at."""
    system, workers, others = (
        Database(server.conninfo(user=f"freehold_{role}", database=DATABASE)) for role in ("system", "worker", "worker")
    )

    def made(stripe: Gateway) -> Desk:
        desk = Desk(system, workers, others, superuser, stripe)
        desk.forget_everybody()
        return desk

    yield made
    for each in (system, workers, others):
        each.close()
