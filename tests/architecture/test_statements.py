"""Every statement of every `queries.py`: it parses on the real schema, filters by tenant, and sets nothing."""

import itertools
import re
from uuid import UUID

import psycopg
import pytest

from freehold.database import Query, Write
from local.project import ROOT
from local.statements import Arguments, every_statement
from tests.wire import PINS_A_PROXY

ENTRANCES = ("sign_up", "tenants_of", "accept_invitation", "sign_in", "issuers_of")
BY_WHAT_IS_ENTERED = ("limits.queries.used", "limits.queries.within")
"""They call functions that look for the tenant themselves."""
OF_NOBODY = ("decisions.queries.definitions",)
"""What is the same for every tenant."""
READ_BY_REPORTS = ("reports.queries.activity",)
"""What no request may read."""
STATEMENTS = {name: make() for name, make in every_statement(Arguments()).items()}
CLAIMS = "skip locked"
TEXTS = {
    **{path.stem: path.read_text() for path in (ROOT / "layers").rglob("migrations/**/*.sql")},
    **{name: statement.sql for name, statement in STATEMENTS.items()},
}


def test_there_are_some():
    assert len(STATEMENTS) >= 25
    assert {type(statement) for statement in STATEMENTS.values()} >= {Query, Write}


@pytest.mark.parametrize("name", STATEMENTS)
class TestStatement:
    def test_filters_by_tenant(self, name: str):
        assert (
            name.endswith((*ENTRANCES, *BY_WHAT_IS_ENTERED, *OF_NOBODY)) or "%(tenant_id)s" in STATEMENTS[name].sql
        ), "add: where tenant_id = %(tenant_id)s"

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
            for setting in ("tenant_id", "principal", "member_id", "permissions", "request_id", "scope", "granted"):
                connection.execute("select set_config(%s, %s, true)", [f"app.{setting}", str(UUID(int=1))])
            params = {**statement.params, "tenant_id": UUID(int=1)}
            connection.execute(f"explain {statement.sql}".encode(), params)


def claims_anew(sql: str) -> list[str]:
    """Where rows are taken in a sub-select that a join may run again for each row, and so take more than its limit."""
    places = [found.start() for found in re.finditer(CLAIMS, sql)]
    return [sql[place - 80 : place] for place in places if not _is_materialized(sql[:place])]


def _is_materialized(before: str) -> bool:
    _, opened, since = before.rpartition(" as materialized (")
    steps = (1 if character == "(" else -1 for character in since if character in "()")
    return bool(opened) and all(depth > 0 for depth in itertools.accumulate(steps, initial=1))


class TestClaims:
    @pytest.mark.parametrize("name", [name for name, sql in TEXTS.items() if CLAIMS in sql])
    def test_take_their_rows_once(self, name: str):
        assert claims_anew(TEXTS[name]) == []

    def test_the_control_one_that_does_not_is_noticed(self):
        careless = "update t set a = 1 from (select id from t limit 9 for update skip locked) k where t.id = k.id"
        assert len(claims_anew(careless)) == 1
        assert claims_anew(f"with x as materialized (select 1), {careless}") != []
