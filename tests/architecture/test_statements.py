"""Every statement of every `queries.py`: it parses on the real schema, filters by tenant, and sets nothing."""

import importlib
import inspect
import types
import typing
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, NewType, get_type_hints
from uuid import UUID

import psycopg
import pytest
from pydantic import BaseModel

from freehold.database import Identity, Query, Remembered, Statement, Visitor, Write
from tests.wire import PINS_A_PROXY

ROOT = Path(__file__).parents[2]
MODULES = [
    ".".join(path.with_suffix("").relative_to(ROOT / "layers").parts)
    for path in sorted((ROOT / "layers").glob("*/*/queries.py"))
]
IDENTITY = Identity(issuer="i", subject="s", issued_at=datetime.now(UTC))
ENTRANCES = ("sign_up", "tenants_of")


def example(kind: Any) -> Any:  # noqa: PLR0911 (one for each kind of type)
    """A value of a parameter's type."""
    if isinstance(kind, NewType):
        return example(kind.__supertype__)
    if isinstance(kind, typing.TypeAliasType):
        return example(kind.__value__)
    if isinstance(kind, types.UnionType):
        return example(kind.__args__[0])
    simple = {UUID: UUID(int=1), str: "x", int: 1, bytes: b"x", Identity: IDENTITY, datetime: datetime.now(UTC)}
    simple[Visitor] = Visitor(identity=IDENTITY, request_id="r", address="")
    simple[Remembered] = Remembered(route="POST /", key="k", request_hash=b"x")
    if kind in simple:
        return simple[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind.model_construct(**{name: example_of_field(f) for name, f in kind.model_fields.items()})
    return kind(**{name: example(hint) for name, hint in get_type_hints(kind).items()})


def example_of_field(field: Any) -> Any:
    kind = field.annotation
    if typing.get_origin(kind) is list:
        return ["x:y"]
    while isinstance(kind, typing.TypeAliasType) or typing.get_origin(kind) is typing.Annotated:
        kind = kind.__value__ if isinstance(kind, typing.TypeAliasType) else kind.__args__[0]
    if isinstance(kind, types.UnionType):
        return None
    return example(kind)


def every_statement() -> dict[str, Statement[Any]]:
    found: dict[str, Statement[Any]] = {}
    for name in MODULES:
        module = importlib.import_module(name)
        for function_name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == name:
                hints = get_type_hints(function)
                hints.pop("return")
                found[f"{name}.{function_name}"] = function(**{n: example(hint) for n, hint in hints.items()})
    return found


STATEMENTS = every_statement()


def test_there_are_some():
    assert len(STATEMENTS) >= 14
    assert {type(statement) for statement in STATEMENTS.values()} >= {Query, Write}


@pytest.mark.parametrize("name", STATEMENTS)
class TestStatement:
    def test_filters_by_tenant(self, name: str):
        assert name.endswith(ENTRANCES) or "%(tenant_id)s" in STATEMENTS[name].sql, (
            "add: where tenant_id = %(tenant_id)s"
        )

    def test_pins_no_proxy(self, name: str):
        assert not PINS_A_PROXY.search(STATEMENTS[name].sql)

    def test_is_planned_by_the_real_database(self, name: str, superuser: str):
        statement = STATEMENTS[name]
        variants = [statement]
        if isinstance(statement, Write):
            variants.append(statement.remembered(Remembered(route="POST /", key="k", request_hash=b"x")))
        with psycopg.connect(superuser) as connection:
            connection.execute("set local role freehold_api")
            for setting in ("tenant_id", "principal", "member_id", "permissions", "request_id"):
                connection.execute("select set_config(%s, %s, true)", [f"app.{setting}", str(UUID(int=1))])
            for variant in variants:
                params = {**variant.params, "tenant_id": UUID(int=1)}
                connection.execute(f"explain {variant.sql}".encode(), params)
