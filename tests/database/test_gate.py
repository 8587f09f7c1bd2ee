"""The schema gate lets the real schema through, and nothing that breaks one of its rules."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from freehold.database import gate
from freehold.database.gate import Reviewed, Violation
from freehold.database.gate.inspection import statement
from freehold.database.gate.reviewed import read
from freehold.database.gate.rule import FILES, NAMES
from tests.database import tricks, tricks_across_tenants
from tests.database.planted import GOOD, PERSONAL, PLANTED

ENTRY = '[[reviewed]]\nrule = "views_are_the_callers"\nobject = "app.gate_a"\n'
HOSTILE = tricks.HOSTILE | tricks_across_tenants.HOSTILE
HARMLESS = tricks.HARMLESS | tricks_across_tenants.HARMLESS
IN_WORDS = {"identity_keys", "definers_call_reviewed"}
"""The rules whose fix is no command."""


def commands(violation: Violation) -> str:
    """The SQL of a fix."""
    found = re.match(r"Run: (.+?;)(?= [A-Z]|$)", violation.fix)
    assert found, violation.sentence
    return found[1]


def mend(connection: psycopg.Connection) -> list[str]:
    """Do what the first sentence says until there is none; the sentences.

    Inside a transaction a reference is left to be validated, which has to be done by itself.
    """
    said: list[str] = []
    while (found := waiting(connection)) and len(said) < 30:
        said.append(found[0].sentence)
        connection.execute(commands(found[0]).encode())
    assert found == [], said
    return said


def waiting(connection: psycopg.Connection) -> list[Violation]:
    found = gate.violations(connection, settled=True)
    inside = connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
    return [each for each in found if not (inside and each.fix.startswith("Run: call app.validate_reference"))]


@pytest.fixture(scope="module")
def session(superuser: str) -> Iterator[psycopg.Connection]:
    """A new one would have to learn the catalog first, which takes longer than looking at it."""
    with psycopg.connect(superuser, prepare_threshold=None) as session:
        yield session


@pytest.fixture
def connection(session: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """As a migration runs, with nothing kept."""
    session.execute("set local role freehold_owner; set local search_path = pg_catalog")
    yield session
    session.rollback()


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
            create role rdsadmin login superuser; grant select on all tables in schema app to rdsadmin;
        """)
        assert gate.violations(connection, settled=True) == []

    def test_is_seen_alike_by_every_role(self, connection: psycopg.Connection):
        connection.execute(
            GOOD + "drop trigger audit on app.gate_trial; grant truncate on app.gate_trial to freehold_worker"
        )
        seen = []
        for role in ("freehold_owner", "postgres", "freehold_migrator", "freehold_api"):
            connection.execute(f"reset role; set local role {role}".encode())
            seen.append(gate.violations(connection, settled=True))
        assert len(seen[0]) > 1
        assert all(each == seen[0] for each in seen)


class TestEachRule:
    def test_is_listed_once_and_so_runs(self):
        rules = sorted(file.name.removesuffix(".sql") for file in (FILES / "rules").iterdir())
        assert sorted(NAMES) == rules

    def test_has_a_control(self):
        assert {rule.name for rule in gate.RULES} == {*PLANTED, "server_version"}

    @pytest.mark.parametrize("rule", PLANTED)
    def test_catches_what_breaks_it(self, connection: psycopg.Connection, rule: str):
        connection.execute(PLANTED[rule].encode())
        found = [each for each in gate.violations(connection, settled=True) if each.rule == rule]
        assert found, f"nothing was found by {rule}"
        assert all("None" not in each.sentence and "{" not in each.sentence for each in found)

    @pytest.mark.parametrize("rule", sorted(PLANTED.keys() - IN_WORDS))
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
    create table {schema}.gate_trial (id serial primary key, tenant_id text, name text);
    grant select, insert, update, delete on {schema}.gate_trial to freehold_api;
    grant usage on sequence {schema}.gate_trial_id_seq to freehold_api;
"""
ADOPTED = {
    "a careless table": CARELESS.format(schema="app"),
    "the same in public": CARELESS.format(schema="public"),
    "in a schema of one's own": "create schema gate_schema;" + CARELESS.format(schema="gate_schema"),
    "one without a tenant": "create table app.gate_trial (id bigint generated always as identity, name text unique)",
    "a copy of a good table": "create table app.gate_trial (like app.projects including all)",
    "a good one, template forgotten": """
        create table app.gate_trial (
            tenant_id uuid not null default current_setting('app.tenant_id')::uuid
                references app.tenants on delete cascade,
            id uuid not null default uuidv7(), name text not null, primary key (tenant_id, id));
    """,
    "a partition that was added later": """
        create table app.gate_audit partition of app.audit
            for values from ('03000000-0000-7000-8000-000000000000') to ('03100000-0000-7000-8000-000000000000');
    """,
    "a partition of a partition": """
        create table app.gate_audit partition of app.audit
            for values from ('03000000-0000-7000-8000-000000000000') to ('03100000-0000-7000-8000-000000000000')
            partition by range (id);
        create table app.gate_audit_01 partition of app.gate_audit default;
    """,
    "an inheritance child": "create table app.gate_children (reason text) inherits (app.projects)",
    "an identity table": """
        create table directory.gate_devices (
            issuer text not null, subject text not null, id uuid not null, tenant_id uuid,
            primary key (issuer, subject, id));
        call app.identity_table('directory.gate_devices', 'what a person signs in from');
    """,
    "an identity table whose reference waits": """
        create table directory.gate_devices (issuer text not null, subject text not null, tenant_id uuid not null,
            primary key (issuer, subject, tenant_id));
        create index on directory.gate_devices (tenant_id);
        call app.identity_table('directory.gate_devices', 'what a person signs in from');
        alter table directory.gate_devices add foreign key (tenant_id) references directory.tenants not valid;
    """,
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

    def test_becomes_clean_to_the_last_reference_where_each_sentence_is_kept(self, superuser: str):
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("set role freehold_owner; set search_path = pg_catalog")
            try:
                connection.execute(ADOPTED["a careless table"].encode())
                said = mend(connection)
                assert any("Run: call app.validate_reference('app.gate_trial'" in each for each in said)
                assert gate.violations(connection, settled=True) == []
            finally:
                connection.execute("drop table app.gate_trial")

    def test_needs_one_sentence_when_only_the_template_was_forgotten(self, connection: psycopg.Connection):
        connection.execute(ADOPTED["a good one, template forgotten"])
        (said,) = mend(connection)
        assert "Run: call app.tenant_table('app.gate_trial');" in said

    @pytest.mark.parametrize("rule", ["says_whose_rows", "tenant_policy", "row_security", "audited"])
    def test_without_a_tenant_gets_one_by_whichever_sentence_is_followed_first(
        self, connection: psycopg.Connection, rule: str
    ):
        connection.execute("create table app.gate_trial (id uuid primary key)")
        (found,) = (each for each in gate.violations(connection) if each.rule == rule)
        connection.execute(commands(found).encode())
        assert rule not in {each.rule for each in gate.violations(connection)}
        assert len(mend(connection)) >= 1

    def test_is_refused_with_every_sentence(self, connection: psycopg.Connection):
        connection.execute(ADOPTED["a careless table"])
        with pytest.raises(
            gate.SchemaRefused, match=r"(?s)app\.gate_trial\.tenant_id is of type text.*tenant_table"
        ) as refused:
            gate.require(connection)
        *sentences, review, first = str(refused.value).splitlines()
        assert len(sentences) == len(refused.value.violations) > 5
        assert review.endswith("layers/product/migrations/reviewed.toml.")
        assert first == "Mend the first, then look again: one mistake often breaks several rules."

    def test_as_the_recipe_has_it_is_clean(self, connection: psycopg.Connection):
        connection.execute("""
            create table app.gate_trial (
                tenant_id uuid not null default current_setting('app.tenant_id')::uuid
                references app.tenants on delete cascade,
                id uuid not null default uuidv7(), project_id uuid not null, name text not null, contact_email text,
                primary key (tenant_id, id),
                foreign key (tenant_id, project_id) references app.projects on delete cascade);
            create index gate_trial_project on app.gate_trial (tenant_id, project_id);
            comment on column app.gate_trial.contact_email is 'personal';
            call app.tenant_table('app.gate_trial');
            call app.allow('app.gate_trial', 'freehold_api', 'select', 'insert', 'update', 'delete');
        """)
        assert gate.violations(connection, settled=True) == []


UNKNOWN = """
    create table directory.gate_devices (issuer text not null, subject text not null, tenant_id uuid not null,
        primary key (issuer, subject, tenant_id));
    insert into directory.gate_devices values ('i', 's', uuidv7());
    create index on directory.gate_devices (tenant_id);
    call app.identity_table('directory.gate_devices', 'what a person signs in from');
"""
WAITING = "alter table directory.gate_devices add foreign key (tenant_id) references directory.tenants not valid"


class TestAnIdentitysReference:
    @pytest.mark.parametrize("planted", [UNKNOWN, UNKNOWN + WAITING])
    def test_is_held_against_the_rows_although_their_owner_sees_none(
        self, connection: psycopg.Connection, planted: str
    ):
        connection.execute(planted.encode())
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            mend(connection)

    def test_would_pass_unseen_if_the_database_looked_as_the_owner(self, connection: psycopg.Connection):
        connection.execute((UNKNOWN + WAITING).encode())
        connection.execute("set local app.tenant_id = '00000000-0000-0000-0000-000000000000'")
        connection.execute("set local app.issuer = 'i'; set local app.subject = 's'")
        connection.execute("alter table directory.gate_devices validate constraint gate_devices_tenant_id_fkey")

    def test_leaves_both_tables_forced(self, connection: psycopg.Connection):
        connection.execute(PERSONAL + "alter table directory.gate_devices drop constraint gate_devices_tenant_id_fkey")
        (said,) = mend(connection)
        assert "no force row level security" in said
        assert gate.violations(connection, settled=True) == []


class TestABackfillThatWasKilled:
    def test_leaves_a_name_that_is_forgotten_and_never_validated(self, superuser: str):
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("set role freehold_owner")
            connection.execute("alter table app.projects add constraint backfill_proof check (version > 0) not valid")
            try:
                (found,) = gate.violations(connection, settled=True)
                assert commands(found) == "call app.forget_proof('app.projects');"
                connection.execute(commands(found).encode())
                assert gate.violations(connection, settled=True) == []
            finally:
                connection.execute("alter table app.projects drop constraint if exists backfill_proof")


class TestAHostileMigration:
    @pytest.mark.parametrize("trick", HOSTILE)
    def test_is_caught(self, connection: psycopg.Connection, trick: str):
        sql, rule = HOSTILE[trick]
        connection.execute(sql.encode())
        assert rule in {found.rule for found in gate.violations(connection)}


class TestAHarmlessMigration:
    @pytest.mark.parametrize("what", HARMLESS)
    def test_is_let_through(self, connection: psycopg.Connection, what: str):
        sql, rule = HARMLESS[what]
        connection.execute(sql.encode())
        assert [each.sentence for each in gate.violations(connection) if each.rule == rule] == []

    def test_is_held_against_rules_that_find_something(self):
        assert {rule for _, rule in HARMLESS.values()} <= PLANTED.keys()


class TestASecondColumnForTheTenant:
    def test_is_told_to_go_and_not_to_be_built_again(self, connection: psycopg.Connection):
        connection.execute(
            GOOD + "alter table app.gate_trial add foreign key (other_id) references app.tenants not valid"
        )
        (found,) = gate.violations(connection)
        assert found.fix.endswith("Whose a row is says its tenant_id, and no other column.")


class TestReviewed:
    def test_an_exception_excuses_its_object_only(self, connection: psycopg.Connection):
        connection.execute("create view app.gate_a as select 1 as one; create view app.gate_b as select 1 as one")
        reviewed = Reviewed(rule="views_are_the_callers", object="app.gate_a", reason="it reads no table")
        found = gate.violations(connection, exceptions=[*gate.reviewed(), reviewed])
        assert [each.object for each in found] == ["app.gate_b"]

    def test_one_that_excuses_nothing_is_a_violation_once_every_migration_ran(self, connection: psycopg.Connection):
        stale = Reviewed(rule="views_are_the_callers", object="app.gate_a", reason="it reads no table")
        exceptions = [*gate.reviewed(), stale]
        assert gate.violations(connection, exceptions=exceptions) == []
        (found,) = gate.violations(connection, exceptions=exceptions, settled=True)
        assert found.sentence == (
            "app.gate_a is excepted from the rule views_are_the_callers and does not break it."
            " Take the entry out of reviewed.toml."
        )

    def test_one_that_a_migration_takes_away_again_excuses_only_what_ran_before(self, connection: psycopg.Connection):
        passing = Reviewed(
            rule="views_are_the_callers", object="app.gate_a", reason="it reads no table", until="0009_b"
        )
        exceptions = [*gate.reviewed(), passing]
        assert gate.violations(connection, exceptions=exceptions, settled=True) == []
        connection.execute("create view app.gate_a as select 1 as one")
        assert gate.violations(connection, exceptions=exceptions) == []
        assert len(gate.violations(connection, exceptions=exceptions, settled=True)) == 1

    def test_one_of_a_rule_that_nobody_knows_is_called_so(self, connection: psycopg.Connection):
        unknown = Reviewed(rule="views_are_mine", object="app.gate_a", reason="it reads no table")
        (found,) = gate.violations(connection, exceptions=[*gate.reviewed(), unknown], settled=True)
        assert found.says == "app.gate_a is excepted from the rule views_are_mine, which is unknown."

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[[reviewed]\n", r"it is no TOML: .*line 1.*"),
            (ENTRY + 'reason = "short"', r"entry 1, reason, string should have at least 10 characters"),
            (ENTRY, r"entry 1, reason, field required"),
            (ENTRY + 'reason = "it reads no table"\nwhy = ""', r"entry 1, why, extra inputs are not permitted"),
        ],
    )
    def test_a_file_of_another_shape_is_named(self, tmp_path: Path, text: str, why: str):
        file = tmp_path / "reviewed.toml"
        file.write_text(ENTRY + 'reason = "it reads no table"')
        assert len(read(file, named="product/reviewed.toml")) == 1
        file.write_text(text)
        with pytest.raises(gate.ReviewUnreadable, match=f"^product/reviewed.toml cannot be read: {why}\\.$"):
            read(file, named="product/reviewed.toml")

    def test_each_names_a_rule_that_exists(self):
        assert {each.rule for each in gate.reviewed()} <= {rule.name for rule in gate.RULES}


def reviewed_line(violation: Violation) -> str:
    """The object that the fix tells to write down."""
    review = tomllib.loads("object = " + violation.fix.partition("put into reviewed.toml: object = ")[2])
    return str(review["object"])


TENANTS_OF = "app.tenants_of(text, text, timestamptz)"
ALTERED = {
    "its owner": f"""
        grant create on schema app to freehold_registrar;
        alter function {TENANTS_OF} owner to freehold_registrar;
    """,
    "its settings": f"alter function {TENANTS_OF} set search_path = pg_catalog, app, pg_temp",
    "its volatility": f"alter function {TENANTS_OF} stable",
    "its body": """
        create or replace function app.tenants_of(issuer text, subject text, issued_at timestamptz)
        returns table (id uuid, name text, access app.access, role text, member_id uuid)
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$begin return; end$$;
    """,
    "what an entrance calls": PLANTED["definers_call_reviewed"],
}


class TestAReviewedFunction:
    @pytest.mark.parametrize("what", ALTERED)
    def test_is_reviewed_as_it_is_and_not_by_its_name(self, connection: psycopg.Connection, what: str):
        connection.execute("reset role;" + ALTERED[what])
        connection.execute("revoke create on schema app from freehold_registrar")
        assert gate.violations(connection) == []
        changed, old = gate.violations(connection, settled=True)
        assert changed.rule in {"definers_are_reviewed", "definers_call_reviewed"}
        assert "Take the entry out" in old.fix

    def test_passes_with_the_line_that_the_sentence_says(self, connection: psycopg.Connection):
        connection.execute("reset role;" + ALTERED["its body"])
        changed, old = gate.violations(connection, settled=True)
        kept = [each for each in gate.reviewed() if each.object != old.object]
        renewed = Reviewed(rule=changed.rule, object=reviewed_line(changed), reason="it was looked at")
        assert gate.violations(connection, settled=True, exceptions=[*kept, renewed]) == []

    @pytest.mark.parametrize("rule", ["triggers_before_cascades", "nothing_outlives_the_transaction"])
    def test_may_be_one_of_any_rule_until_its_body_changes(self, connection: psycopg.Connection, rule: str):
        connection.execute(PLANTED[rule].encode())
        (found,) = (each for each in gate.violations(connection, settled=True) if each.rule == rule)
        looked_at = [*gate.reviewed(), Reviewed(rule=rule, object=reviewed_line(found), reason="it was looked at")]
        seen = gate.violations(connection, settled=True, exceptions=looked_at)
        assert rule not in {each.rule for each in seen}
        connection.execute(
            "reset role; update pg_proc set prosrc = prosrc || ' ' where proname in ('gate_keep', 'gate_move')"
        )
        seen = gate.violations(connection, settled=True, exceptions=looked_at)
        assert rule in {each.rule for each in seen}

    def test_is_named_so_that_the_line_is_toml_and_the_command_sql(self, connection: psycopg.Connection):
        connection.execute(
            """create function app."It's ""mine""\\"() returns void language sql security definer as ''"""
        )
        (found,) = (each for each in gate.violations(connection) if each.rule == "definers_are_reviewed")
        assert reviewed_line(found) == found.object
        connection.execute(commands(found).encode())

    def test_that_nobody_reviewed_is_refused_midway(self, connection: psycopg.Connection):
        connection.execute("create function app.enter(tenant uuid) returns void language sql security definer as ''")
        assert "definers_are_reviewed" in {each.rule for each in gate.violations(connection)}


class TestTheGate:
    def test_leaves_the_transaction_as_it_is(self, connection: psycopg.Connection):
        connection.execute("set local search_path = app; create table app.gate_trial (id uuid)")
        asked = "select current_setting('search_path'), to_regclass('gate_trial')::text, current_setting('jit')"
        before = connection.execute(asked).fetchone()
        assert gate.violations(connection)
        assert connection.execute(asked).fetchone() == before
        connection.execute("create table app.gate_others (id uuid)")

    def test_lets_what_waits_for_a_second_step_pass_until_every_migration_ran(self, connection: psycopg.Connection):
        connection.execute(PLANTED["constraints_are_validated"])
        assert gate.violations(connection) == []
        assert [found.rule for found in gate.violations(connection, settled=True)] == ["constraints_are_validated"]

    def test_runs_outside_a_transaction_and_whatever_rows_look_like(self, superuser: str):
        with psycopg.connect(superuser, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
            gate.require(connection, settled=True)
            assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE

    def test_does_not_believe_a_path_that_shadows_the_catalog(self, connection: psycopg.Connection):
        connection.execute(GOOD + "drop policy tenant on app.gate_trial")
        connection.execute("create table app.pg_policy (polrelid oid); set local search_path = app, pg_catalog")
        assert "tenant_policy" in {found.rule for found in gate.violations(connection)}
