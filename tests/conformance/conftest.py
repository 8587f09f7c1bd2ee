"""What clients that customers have are pointed at."""

from collections.abc import Iterator

import pytest

from local.companies import People
from local.issuer import Issuer
from tests.conformance.decided import Product, deciding


@pytest.fixture(scope="module")
def product(stage: None, issuer: Issuer, superuser: str) -> Iterator[Product]:
    with deciding(People(issuer, superuser).company("Acme")) as product:
        yield product
