"""The operators' role of the database, with hostile SQL: no line, no look."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from freehold.database.migrations.bootstrap import DATABASE
from local.companies import Company
from local.postgres import Postgres

REASON = "Ticket 4711: nothing arrives"
ENTER = "select app.enter_operator(%s, 1, 'mallory', %s, %s, 'r', '')"
SET = "select set_config(%s, %s, true)"
EVERYTHING = "tenant:read members:read jobs:read webhooks:read audit:read operators:act decisions:read decisions:change"
TABLES = (
    "app.tenants",
    "app.members",
    "app.api_keys",
    "app.jobs",
    "app.audit",
    "app.operator_visits",
    "app.flags",
    "app.overrides",
    "app.flag_targets",
    "app.exposures",
    "directory.tenants",
)


@pytest.fixture
def mallory(server: Postgres, stage: None) -> Iterator[psycopg.Connection]:
    """Logged in as operators are, to run whatever they like."""
    with psycopg.connect(server.conninfo(user="freehold_operator", database=DATABASE)) as connection:
        yield connection
        connection.rollback()


def forge(connection: psycopg.Connection, company: Company, **more: object) -> None:
    """Set by hand all that an entrance sets."""
    forged = {
        "tenant_id": company.id,
        "principal": "operator:mallory",
        "permissions": EVERYTHING,
        "request_id": "r",
        "address": "",
        "scope": "tenant",
        "granted": "",
        "visit_id": uuid4(),
        **more,
    }
    for name, value in forged.items():
        connection.execute(SET, [f"app.{name}", str(value)])


class TestWithoutEntering:
    @pytest.mark.parametrize("table", TABLES)
    def test_no_table_can_be_used_whatever_is_set(self, acme: Company, mallory, table: str):
        forge(mallory, acme)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            mallory.execute(f"select * from {table}")

    @pytest.mark.parametrize(
        "call",
        [
            *("app.show_tenant()", "app.act_as(%(id)s, 'x', 5)", "app.end_acting(%(id)s)", "app.show_decisions(null)"),
            *("app.target_flag('x', null, 'on', null)", "app.end_target('x', null)", "app.end_override(%(id)s)"),
            "app.override_plan('pro', '{}', '{}', '{}', null)",
        ],
    )
    def test_no_function_works_whatever_is_set(self, acme: Company, mallory, call: str):
        forge(mallory, acme)
        with pytest.raises(psycopg.Error, match="not_entered"):
            mallory.execute(f"select * from {call}", {"id": uuid4()})

    def test_nor_with_the_id_of_a_visit_that_is_over(self, acme: Company, mallory):
        mallory.execute(ENTER, [acme.id, REASON, "members:read"])
        [visit] = mallory.execute("select current_setting('app.visit_id')").fetchone() or [None]
        assert mallory.execute("select app.show_tenant()").fetchall(), "the control: within the visit it works"
        mallory.commit()
        forge(mallory, acme, visit_id=visit)
        with pytest.raises(psycopg.Error, match="not_entered"):
            mallory.execute("select app.show_tenant()")

    def test_nobody_elses_entrance_opens(self, acme: Company, mallory):
        for call in (
            "app.enter_worker(%s, 1, 'notify', null, null, 'r')",
            "app.enter_report(%s, 1, 'notify', 'r')",
            "app.enter_acting(%s, 1, 'x', 'tenant:read', false, 'r', '')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                mallory.execute(f"select {call}", [acme.id])
            mallory.rollback()


class TestEntering:
    @pytest.mark.parametrize("reason", [None, "", "short", "    short    "])
    def test_takes_a_reason(self, acme: Company, mallory, reason: str | None):
        with pytest.raises(psycopg.Error, match="reason_required"):
            mallory.execute(ENTER, [acme.id, reason, "tenant:read"])

    @pytest.mark.parametrize("permission", [None, "", "tenant:write", "members:write", "projects:read", "%"])
    def test_is_for_what_operators_do_and_nothing_else(self, acme: Company, mallory, permission: str | None):
        with pytest.raises(psycopg.Error, match="permission_denied"):
            mallory.execute(ENTER, [acme.id, REASON, permission])

    def test_shows_the_one_tenant_and_the_one_thing(self, acme: Company, globex: Company, mallory):
        mallory.execute(ENTER, [acme.id, REASON, "tenant:read"])
        mallory.execute(SET, ["app.tenant_id", str(globex.id)])
        with pytest.raises(psycopg.Error, match="not_entered"):
            mallory.execute("select app.show_tenant()")

    def test_once_in_a_transaction(self, acme: Company, globex: Company, mallory):
        mallory.execute(ENTER, [acme.id, REASON, "tenant:read"])
        with pytest.raises(psycopg.Error, match="already_entered"):
            mallory.execute(ENTER, [globex.id, REASON, "tenant:read"])

    def test_to_look_is_not_to_act(self, acme: Company, mallory):
        mallory.execute(ENTER, [acme.id, REASON, "members:read"])
        with pytest.raises(psycopg.Error, match="permission_denied"):
            mallory.execute("select * from app.act_as(%s, 'x', 5)", [uuid4()])

    @pytest.mark.parametrize("minutes", [0, -5, 61])
    def test_to_act_is_for_an_hour_at_most(self, acme: Company, mallory, minutes: int):
        [(owner,)] = acme.execute("select id from app.members where tenant_id = %(tenant_id)s")
        mallory.execute(ENTER, [acme.id, REASON, "operators:act"])
        with pytest.raises(psycopg.errors.CheckViolation):
            mallory.execute("select * from app.act_as(%s, 'x', %s)", [owner, minutes])

    def test_a_look_that_is_rolled_back_took_its_line_along_and_showed_its_answer_all_the_same(self, acme, mallory):
        """The database cannot help it; the function that operators invoke commits before it answers."""
        mallory.execute(ENTER, [acme.id, REASON, "tenant:read"])
        assert mallory.execute("select app.show_tenant()").fetchall()
        mallory.rollback()
        assert acme.execute("select from app.operator_visits where tenant_id = %(tenant_id)s") == []


class TestTheLines:
    @pytest.mark.parametrize("role", ["api", "worker", "report", "system", "operator"])
    @pytest.mark.parametrize(
        "change", ["update app.operator_visits set reason = 'Another reason'", "delete from app.operator_visits"]
    )
    def test_can_be_changed_by_nobody(self, server: Postgres, acme: Company, mallory, role: str, change: str):
        mallory.execute(ENTER, [acme.id, REASON, "tenant:read"])
        mallory.commit()
        with psycopg.connect(server.conninfo(user=f"freehold_{role}", database=DATABASE)) as connection:
            forge(connection, acme)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change)
        kept = acme.execute("select operator, reason from app.operator_visits where tenant_id = %(tenant_id)s")
        assert kept == [("mallory", REASON)]

    def test_are_written_by_entrances_alone(self, server: Postgres, acme: Company):
        for role in ("api", "operator"):
            with psycopg.connect(server.conninfo(user=f"freehold_{role}", database=DATABASE)) as connection:
                forge(connection, acme)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(
                        "insert into app.operator_visits (operator, reason, permission) values ('a', 'b', 'c')"
                    )

    def test_what_ended_cannot_begin_again(self, server: Postgres, acme: Company, mallory):
        [(owner,)] = acme.execute("select id from app.members where tenant_id = %(tenant_id)s")
        mallory.execute(ENTER, [acme.id, REASON, "operators:act"])
        [visit, _] = mallory.execute("select * from app.act_as(%s, 'x', 5)", [owner]).fetchone() or [None, None]
        assert mallory.execute("select app.end_acting(%s)", [visit]).fetchone() == (True,)
        mallory.commit()
        with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE)) as connection:
            forge(connection, acme)
            connection.execute("update app.impersonations set ended_at = null where id = %s", [visit])
        [(ended,)] = acme.execute("select ended_at is not null from app.impersonations where id = %(id)s", id=visit)
        assert ended
