"""A Stripe account for the billing tests: the double, or Stripe itself where STRIPE_TEST_KEY holds a test key."""

import os
from collections.abc import Iterator

import pytest

from local.errors import LocalError
from local.stripe_double.service import StripeDouble
from tests.billing.account import StripeAccount, real_key


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
