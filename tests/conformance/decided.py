"""The product with flags of each kind, and a key that may ask for them: what clients of OpenFeature are pointed at."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from local.companies import Company
from tests.conformance.served import served

SCOPE = "decisions:read"
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
    flag("conformance.share", {"all": 1.0, "half": 0.5}),
    flag("conformance.layout", {"wide": {"columns": 3, "labels": ["a", "b"]}, "narrow": {"columns": 1}}),
    flag("conformance.killed", {"on": True, "off": False}, state="off", off="off"),
    flag(
        "conformance.half",
        {"left": "left", "right": "right"},
        otherwise={"split": {"left": 50, "right": 50}, "by": "targetingKey"},
    ),
)
CHANGED = flag("conformance.banner", {"on": True, "off": False}, off="off", otherwise="off")
BROKEN = {"key": "conformance.broken", "variants": {}}
UNKNOWN = "conformance.nothing"
TOO_LONG = {"note": "x" * 1001}
SLOW = {"read": [2, 1]}
"""Two in a second, of which one key may have one."""

PUBLISH = """
    insert into app.flags (key, definition) values (%s, %s)
    on conflict (key) do update set definition = excluded.definition
"""
AGREE = """
    insert into app.overrides (source, limits, rates, reason, agreed_by)
    values ('operator', %(limits)s, %(rates)s, 'For those who try it out', 'operator:test')
"""


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
    """The product with these flags, and three seats, for as long as the block runs."""
    agree(company, limits={"seats": 3})
    with flags_of(company.people.superuser), served() as url:
        yield Product(url, company.key(SCOPE)["secret"], company)


@contextmanager
def flags_of(superuser: str) -> Iterator[None]:
    """These flags, for as long as the block runs."""
    publish(superuser, *FLAGS)
    yield
    keys = [each["key"] for each in (*FLAGS, BROKEN)]
    _execute(superuser, ("delete from app.flags where key = any (%s)", [keys]))


def publish(superuser: str, *flags: dict[str, Any]) -> None:
    """Put flags into force."""
    _execute(superuser, *((PUBLISH, [each["key"], json.dumps(each)]) for each in flags))


def agree(company: Company, *, limits: dict[str, int] | None = None, rates: dict[str, Any] | None = None) -> Company:
    """The same, with limits and rates of its own."""
    company.execute(AGREE, limits=json.dumps(limits or {}), rates=json.dumps(rates or {}))
    return company


def _execute(superuser: str, *statements: tuple[str, list[Any]]) -> None:
    """And have whoever decides notice."""
    with psycopg.connect(superuser) as connection:
        for sql, parameters in statements:
            connection.execute(sql, parameters)
        connection.execute("update app.snapshot set version = version + 1")
