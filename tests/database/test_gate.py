"""The schema gate lets the real schema through, and nothing that breaks one of its rules."""

import re
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from freehold.database import gate
from freehold.database.gate import Reviewed, Violation
from freehold.database.gate.inspection import statement
from tests.database.planted import GOOD, PLANTED
from tests.database.tricks import HOSTILE


def commands(violation: Violation) -> str:
    """The SQL of a fix."""
    found = re.match(r"Run: (.+?;)(?= [A-Z]|$)", violation.fix)
    assert found, violation.sentence
    return found[1]


def mend(connection: psycopg.Connection) -> list[str]:
    """Do what the first sentence says until there is none; the sentences."""
    said: list[str] = []
    while (found := gate.violations(connection, settled=True)) and len(said) < 30:
        said.append(found[0].sentence)
        connection.execute(commands(found[0]).encode())
    assert found == [], said
    return said


@pytest.fixture
def connection(superuser: str) -> Iterator[psycopg.Connection]:
    """As a migration runs, with nothing kept."""
    with psycopg.connect(superuser) as connection:
        connection.execute("set local role freehold_owner; set local search_path = pg_catalog")
        yield connection
        connection.rollback()


class TestTheSchema:
    def test_breaks_no_rule(self, connection: psycopg.Connection):
        assert [found.sentence for found in gate.violations(connection, settled=True)] == []

    def test_may_have_auroras_roles_beside_it(self, connection: psycopg.Connection):
        connection.execute("""
            reset role;
            create role rds_iam; grant rds_iam to freehold_api, freehold_migrator;
            create role rds_superuser; grant pg_monitor to rds_superuser; grant rds_superuser to freehold_admin;
            grant set on parameter session_replication_role to rds_superuser;
            create role rdsproxyadmin login superuser; grant connect on database freehold to rdsproxyadmin;
        """)
        assert gate.violations(connection, settled=True) == []

    def test_is_seen_alike_by_every_role(self, connection: psycopg.Connection):
        connection.execute(GOOD + "drop trigger audit on app.notes; grant truncate on app.notes to freehold_worker")
        seen = []
        for role in ("freehold_owner", "postgres", "freehold_migrator", "freehold_api"):
            connection.execute(f"reset role; set local role {role}".encode())
            seen.append(gate.violations(connection, settled=True))
        assert len(seen[0]) > 1
        assert all(each == seen[0] for each in seen)


class TestEachRule:
    def test_has_a_control(self):
        assert len(gate.RULES) >= 20
        assert {rule.name for rule in gate.RULES} == {*PLANTED, "server_version"}

    @pytest.mark.parametrize("rule", PLANTED)
    def test_catches_what_breaks_it(self, connection: psycopg.Connection, rule: str):
        connection.execute(PLANTED[rule].encode())
        found = [each for each in gate.violations(connection, settled=True) if each.rule == rule]
        assert found, f"nothing was found by {rule}"
        assert all("None" not in each.sentence and "{" not in each.sentence for each in found)

    @pytest.mark.parametrize("rule", sorted(PLANTED.keys() - {"identity_keys"}))
    def test_is_kept_by_whoever_follows_its_words(self, connection: psycopg.Connection, rule: str):
        connection.execute(PLANTED[rule].encode())
        for _ in range(5):
            found = [each for each in gate.violations(connection, settled=True) if each.rule == rule]
            if not found:
                return
            connection.execute(commands(found[0]).encode())
        assert found == []

    def test_an_old_server_is_refused(self, connection: psycopg.Connection):
        (rule,) = (rule for rule in gate.RULES if rule.name == "server_version")
        old = replace(rule, sql=rule.sql.replace("current_setting('server_version_num')", "'180003'"))
        assert connection.execute(statement([rule])).fetchall() == []
        assert len(connection.execute(statement([old])).fetchall()) == 1


CARELESS = """
    create table {schema}.milestones (id serial primary key, tenant_id text, name text);
    grant select, insert, update, delete on {schema}.milestones to freehold_api;
    grant usage on sequence {schema}.milestones_id_seq to freehold_api;
"""
ADOPTED = {
    "a careless table": CARELESS.format(schema="app"),
    "the same in public": CARELESS.format(schema="public"),
    "in a schema of one's own": "create schema crm;" + CARELESS.format(schema="crm"),
    "one without a tenant": "create table app.milestones (id bigint generated always as identity, name text unique)",
    "a copy of a good table": "create table app.milestones (like app.projects including all)",
    "a good one, template forgotten": """
        create table app.milestones (
            tenant_id uuid not null default current_setting('app.tenant_id')::uuid
                references app.tenants on delete cascade,
            id uuid not null default uuidv7(), name text not null, primary key (tenant_id, id));
    """,
    "a partition that was added later": """
        create table app.audit_2031 partition of app.audit
            for values from ('03000000-0000-7000-8000-000000000000') to ('03100000-0000-7000-8000-000000000000');
    """,
    "a partition of a partition": """
        create table app.audit_2031 partition of app.audit
            for values from ('03000000-0000-7000-8000-000000000000') to ('03100000-0000-7000-8000-000000000000')
            partition by range (id);
        create table app.audit_2031_01 partition of app.audit_2031 default;
    """,
    "an inheritance child": "create table app.old_projects (reason text) inherits (app.projects)",
    "a name that needs quotes": """
        create table app."It's ""Mile"" stones" (id uuid primary key, tenant_id uuid, "Due On" date unique);
        grant all on app."It's ""Mile"" stones" to freehold_api;
    """,
}


class TestAnAdoptersTable:
    @pytest.mark.parametrize("how", ADOPTED)
    def test_becomes_clean_by_what_the_sentences_say(self, connection: psycopg.Connection, how: str):
        connection.execute(ADOPTED[how].encode())
        assert len(mend(connection)) >= 1

    def test_needs_one_sentence_when_only_the_template_was_forgotten(self, connection: psycopg.Connection):
        connection.execute(ADOPTED["a good one, template forgotten"])
        (said,) = mend(connection)
        assert "Run: call app.tenant_table('app.milestones');" in said

    def test_is_refused_with_every_sentence(self, connection: psycopg.Connection):
        connection.execute(ADOPTED["a careless table"])
        with pytest.raises(
            gate.SchemaRefused, match=r"(?s)app\.milestones\.tenant_id is of type text.*tenant_table"
        ) as refused:
            gate.require(connection)
        *sentences, review = str(refused.value).splitlines()
        assert len(sentences) == len(refused.value.violations) > 5
        assert review.endswith("layers/product/migrations/reviewed.toml.")

    def test_as_the_recipe_has_it_is_clean(self, connection: psycopg.Connection):
        connection.execute("""
            create table app.milestones (
                tenant_id uuid not null default current_setting('app.tenant_id')::uuid
                references app.tenants on delete cascade,
                id uuid not null default uuidv7(), project_id uuid not null, name text not null, contact_email text,
                primary key (tenant_id, id),
                foreign key (tenant_id, project_id) references app.projects on delete cascade);
            create index milestones_project on app.milestones (tenant_id, project_id);
            comment on column app.milestones.contact_email is 'personal';
            call app.tenant_table('app.milestones');
            call app.allow('app.milestones', 'freehold_api', 'select', 'insert', 'update', 'delete');
        """)
        assert gate.violations(connection, settled=True) == []


class TestAHostileMigration:
    @pytest.mark.parametrize("trick", HOSTILE)
    def test_is_caught(self, connection: psycopg.Connection, trick: str):
        sql, rule = HOSTILE[trick]
        connection.execute(sql.encode())
        assert rule in {found.rule for found in gate.violations(connection)}


class TestReviewed:
    def test_an_exception_excuses_its_object_only(self, connection: psycopg.Connection):
        connection.execute("create view app.a as select 1 as one; create view app.b as select 1 as one")
        reviewed = Reviewed(rule="views_are_the_callers", object="app.a", reason="it reads no table")
        found = gate.violations(connection, exceptions=[*gate.reviewed(), reviewed])
        assert [each.object for each in found] == ["app.b"]

    def test_one_that_excuses_nothing_is_a_violation_once_every_migration_ran(self, connection: psycopg.Connection):
        stale = Reviewed(rule="views_are_the_callers", object="app.a", reason="it reads no table")
        exceptions = [*gate.reviewed(), stale]
        assert gate.violations(connection, exceptions=exceptions) == []
        (found,) = gate.violations(connection, exceptions=exceptions, settled=True)
        assert found.sentence == (
            "app.a is excepted from the rule views_are_the_callers and does not break it."
            " Take the entry out of reviewed.toml."
        )

    def test_each_names_a_rule_that_exists(self):
        assert {each.rule for each in gate.reviewed()} <= {rule.name for rule in gate.RULES}


class TestTheGate:
    def test_leaves_the_transaction_as_it_is(self, connection: psycopg.Connection):
        connection.execute("set local search_path = app; create table app.notes (id uuid)")
        asked = "select current_setting('search_path'), to_regclass('notes')::text, current_setting('jit')"
        before = connection.execute(asked).fetchone()
        assert gate.violations(connection)
        assert connection.execute(asked).fetchone() == before
        connection.execute("create table app.others (id uuid)")

    def test_lets_what_waits_for_a_second_step_pass_until_every_migration_ran(self, connection: psycopg.Connection):
        connection.execute(PLANTED["constraints_are_validated"])
        assert gate.violations(connection) == []
        assert [found.rule for found in gate.violations(connection, settled=True)] == ["constraints_are_validated"]

    def test_runs_outside_a_transaction_and_whatever_rows_look_like(self, superuser: str):
        with psycopg.connect(superuser, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
            gate.require(connection, settled=True)
            assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE

    def test_does_not_believe_a_path_that_shadows_the_catalog(self, connection: psycopg.Connection):
        connection.execute(GOOD + "drop policy tenant on app.notes")
        connection.execute("create table app.pg_policy (polrelid oid); set local search_path = app, pg_catalog")
        assert "tenant_policy" in {found.rule for found in gate.violations(connection)}
