"""What clients that customers have are pointed at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.errors import SynthesisError
from infra.npm import installed
from local.companies import People
from local.issuer import Issuer
from local.project import ROOT
from tests.conformance.decided import SCOPE, SLOW, Product, agree, deciding

PACKAGES = Path(__file__).parent / "openfeature"


@pytest.fixture(scope="session")
def packages() -> Path:
    """Without npm's registry, `make test` goes on with a word why; to `make conformance`, what was not asked failed."""
    try:
        return installed(PACKAGES, ROOT / ".freehold" / "openfeature").parent
    except SynthesisError as error:
        pytest.skip(str(error).partition("\n")[0])


@pytest.fixture(scope="module")
def product(stage: None, issuer: Issuer, superuser: str) -> Iterator[Product]:
    with deciding(People(issuer, superuser).company("Acme")) as product:
        yield product


@pytest.fixture
def slow_product(product: Product) -> Product:
    """The same, for a tenant that may ask once in a second."""
    company = agree(product.company.people.company("Globex"), rates=SLOW)
    return Product(product.url, company.key(SCOPE)["secret"], company)
