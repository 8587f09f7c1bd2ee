"""Every statement of every `queries.py`: it parses on the real schema, filters by tenant, and sets nothing."""

import re
from uuid import UUID

import psycopg
import pytest

from freehold.database import Query, Write
from local.statements import Arguments, every_statement
from tests.wire import PINS_A_PROXY

ENTRANCES = ("sign_up", "tenants_of")
READ_BY_REPORTS = ("reports.queries.activity",)
"""What no request may read."""
STATEMENTS = {name: make() for name, make in every_statement(Arguments()).items()}


def test_there_are_some():
    assert len(STATEMENTS) >= 25
    assert {type(statement) for statement in STATEMENTS.values()} >= {Query, Write}


@pytest.mark.parametrize("name", STATEMENTS)
class TestStatement:
    def test_filters_by_tenant(self, name: str):
        assert name.endswith(ENTRANCES) or "%(tenant_id)s" in STATEMENTS[name].sql, (
            "add: where tenant_id = %(tenant_id)s"
        )

    def test_pins_no_proxy(self, name: str):
        assert not PINS_A_PROXY.search(STATEMENTS[name].sql)

    def test_leaves_the_transaction_to_its_unit(self, name: str):
        assert not re.match(
            r"\s*(begin|start|commit|end|rollback|abort|savepoint|release)\b", STATEMENTS[name].sql, re.IGNORECASE
        )

    def test_is_planned_by_the_real_database(self, name: str, superuser: str):
        statement = STATEMENTS[name]
        with psycopg.connect(superuser) as connection:
            role = "report" if name.endswith(READ_BY_REPORTS) else "api"
            connection.execute(f"set local role freehold_{role}")
            for setting in ("tenant_id", "principal", "member_id", "permissions", "request_id"):
                connection.execute("select set_config(%s, %s, true)", [f"app.{setting}", str(UUID(int=1))])
            params = {**statement.params, "tenant_id": UUID(int=1)}
            connection.execute(f"explain {statement.sql}".encode(), params)
