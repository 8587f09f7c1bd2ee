"""The product with flags of each kind, and a key that may ask for them: what clients of OpenFeature are pointed at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from freehold.decisions import asked
from local.companies import Company
from tests.conformance.served import served

SCOPE = "tenant:read"
IN_CANADA = {"id": "canada", "when": [{"attribute": "country", "op": "in", "values": ["CA"]}], "serve": "on"}
LIGHT_FOR_OTHERS = [
    IN_CANADA | {"serve": "dark"},
    {"id": "crew", "when": [{"attribute": "team.name", "op": "in", "values": ["crew"]}], "serve": "dark"},
    {"id": "payers", "when": [{"attribute": "plan", "op": "in", "values": ["nobody's"]}], "serve": "dark"},
]


def flag(key: str, variants: dict[str, Any], **different: Any) -> dict[str, Any]:
    """A flag that serves its first variant to everybody."""
    first = next(iter(variants))
    return {"key": key, "variants": variants, "state": "on", "off": first, "otherwise": first, "rules": []} | different


FLAGS = (
    flag("new-editor", {"on": True, "off": False}, off="off", otherwise="off", rules=[IN_CANADA]),
    flag("conformance.banner", {"on": True, "off": False}, off="off"),
    flag("conformance.theme", {"light": "light", "dark": "dark"}, rules=LIGHT_FOR_OTHERS),
    flag("conformance.page-size", {"small": 25, "large": 100}),
    flag("conformance.discount", {"some": 0.25, "none": 0.0}),
    flag("conformance.layout", {"wide": {"columns": 3, "labels": ["a", "b"]}, "narrow": {"columns": 1}}),
    flag("conformance.killed", {"on": True, "off": False}, state="off", off="off"),
    flag(
        "conformance.half",
        {"left": "left", "right": "right"},
        otherwise={"split": {"left": 50, "right": 50}, "by": "targetingKey"},
    ),
)
CHANGED = flag("conformance.banner", {"on": True, "off": False}, off="off", otherwise="off")
UNKNOWN = "conformance.nothing"
TOO_LONG = {"note": "x" * 1001}


@dataclass(frozen=True)
class Product:
    """Where it answers, and as whom one asks."""

    url: str
    key: str
    company: Company

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.key}"}


@contextmanager
def deciding(company: Company) -> Iterator[Product]:
    """The product with these flags, for as long as the block runs."""
    publish(*FLAGS)
    with served() as url:
        yield Product(url, company.key(SCOPE)["secret"], company)


def publish(*flags: dict[str, Any]) -> None:
    """Put flags into force."""
    for each in flags:
        asked.FLAGS[each["key"]] = each


@contextmanager
def slowed(product: Product) -> Iterator[None]:
    """The next request is one too many."""
    asked.LIMIT[str(product.company.id)] = 1
    yield
    asked.LIMIT.clear()
