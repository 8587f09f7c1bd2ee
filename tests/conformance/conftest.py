"""What clients that customers have are pointed at."""

from collections.abc import Iterator

import pytest

from local.companies import People
from local.issuer import Issuer
from tests.conformance.decided import SCOPE, SLOW, Product, agree, deciding


@pytest.fixture(scope="module")
def product(stage: None, issuer: Issuer, superuser: str) -> Iterator[Product]:
    with deciding(People(issuer, superuser).company("Acme")) as product:
        yield product


@pytest.fixture
def slow_product(product: Product) -> Product:
    """The same, for a tenant that may ask once in a second."""
    company = agree(product.company.people.company("Globex"), rates=SLOW)
    return Product(product.url, company.key(SCOPE)["secret"], company)
