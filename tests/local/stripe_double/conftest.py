"""Fixtures for the double of Stripe."""

import pytest

from tests.local.stripe_double.shop import Shop


@pytest.fixture
def shop() -> Shop:
    """Nobody has bought anything yet."""
    return Shop()
