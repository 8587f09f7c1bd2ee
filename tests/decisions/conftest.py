"""Flags in force, and agreements with single tenants, as operators make them."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from freehold.database.migrations import MIGRATOR
from local.companies import Company
from local.database import Database as LocalDatabase
from local.postgres import Postgres

type Flags = Callable[[dict[str, Any]], None]


@pytest.fixture
def flags(server: Postgres) -> Iterator[Flags]:
    """Puts a flag into force, as an operator's change does."""
    made: list[str] = []

    def put(definition: dict[str, Any]) -> None:
        made.append(definition["key"])
        execute(
            server,
            "insert into app.flags (key, definition) values (%s, %s)"
            " on conflict (key) do update set definition = excluded.definition",
            definition["key"], psycopg.types.json.Jsonb(definition),
        )  # fmt: skip

    yield put
    for key in made:
        execute(server, "delete from app.flags where key = %s", key)


def execute(server: Postgres, sql: str, *values: object) -> None:
    """As the owner, who counts the change."""
    with psycopg.connect(LocalDatabase(server).conninfo_of(MIGRATOR)) as connection:
        connection.execute("set local role freehold_owner")
        connection.execute(sql, values)
        connection.execute("update app.snapshot set version = version + 1")


def agree(company: Company, **agreed: Any) -> None:
    """Agree something with one tenant, as an operator does."""
    columns = {
        name: psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value for name, value in agreed.items()
    }
    named = "".join(f", {name}" for name in columns)
    values = "".join(f", %({name})s" for name in columns)
    company.execute(
        "insert into app.overrides (source, reason, agreed_by" + named + ")"
        " values ('operator', 'As the test has it', 'test'" + values + ")",
        **columns,
    )


def boolean(key: str, **different: Any) -> dict[str, Any]:
    """A flag that is off for everybody, but for what is said."""
    return {
        "key": key,
        "description": "A flag of the tests",
        "variants": {"on": True, "off": False},
        "state": "on",
        "off": "off",
        "otherwise": "off",
        "rules": [],
        "experiment": False,
    } | different
