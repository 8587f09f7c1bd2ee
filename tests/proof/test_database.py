"""The attack on tables finds what is planted, each hole by the probe that is made for it, the gate left aside."""

from contextlib import contextmanager

import psycopg
import pytest

from local.postgres import SUPERUSER, Postgres
from proof.database import door
from proof.database.functions import FunctionAttack
from proof.database.planting import FOLDER, holes
from proof.database.shape import Relation
from proof.database.tables import Attack
from proof.database.verbs import verbs
from proof.database.world import World, world
from proof.tally import Tally
from tests.proof.conftest import BASE

BY_NAME = {hole.name: hole for hole in holes()}
FOUND_BY = {
    "policy_dropped": "select all",
    "check_true": "insert",
    "immutable_helper": "select one",
    "unset_means_everything": "exists",
    "partition_without_policies": "copy from",
    "global_unique": "collide on (name)",
    "foreign_key_without_tenant": "refer by api_keys_created_by_fkey",
    "trigger_reaches_further": "update all",
    "truncate_granted": "truncate",
    "view_of_its_owner": "select all",
}


@pytest.fixture(scope="class")
def careless_once(proving: Postgres, tenants):
    """A superuser's connection, of whose work nothing stays."""
    with psycopg.connect(proving.conninfo(user=SUPERUSER, database=BASE)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def planted(proving: Postgres, careless: psycopg.Connection, tenants):
    """A function that makes a mistake in the copy and looks at it as the attacks do."""

    @contextmanager
    def plant(sql: str = "select"):
        careless.execute(sql.encode())
        with world(proving, "careless", tenants) as seen:
            yield seen

    return plant


def attack(seen: World, focus: str) -> Tally:
    return Attack(seen, "tables", focus=focus).run(seen.roles)


class TestAttack:
    def test_nothing_leaks_where_nothing_is_planted_and_every_probe_is_armed(self, planted):
        with planted() as seen:
            tally = attack(seen, "app.api_keys")
        assert (tally.leaks, tally.unarmed) == ([], [])
        assert tally.probes["tables"] >= 14 * 5 * 6

    @pytest.mark.parametrize(("hole", "probe"), FOUND_BY.items(), ids=FOUND_BY)
    def test_each_hole_is_found_by_the_probe_for_it(self, planted, hole, probe):
        with planted(BY_NAME[hole].sql) as seen:
            found = {leak.check for leak in attack(seen, BY_NAME[hole].focus).leaks}
        assert f"tables: {probe}" in found

    def test_a_table_that_is_added_by_the_recipe_is_attacked_and_holds(self, planted):
        with planted(
            "create table app.tried (tenant_id uuid not null default current_setting('app.tenant_id')::uuid"
            " references app.tenants on delete cascade, id uuid not null default uuidv7(), project_id uuid not null,"
            " primary key (tenant_id, id), foreign key (tenant_id, project_id) references app.projects);"
            "call app.tenant_table('app.tried');"
            "call app.allow('app.tried', 'freehold_api', 'select', 'insert', 'update', 'delete')"
        ) as seen:
            tally = attack(seen, "app.tried")
        assert tally.probes["tables"] > 1000
        assert (tally.leaks, tally.unarmed) == ([], [])

    def test_a_table_that_nobody_can_reach_is_still_armed_by_its_owner(self, planted):
        with planted() as seen:
            assert attack(seen, "app.audit").unarmed == []

    def test_a_role_that_is_added_attacks_too(self, planted, careless):
        careless.execute("create role analyst login; grant usage on schema app to analyst")
        try:
            with planted(
                "grant select on app.projects to analyst; create policy a on app.projects to analyst using (true)"
            ) as seen:
                assert "analyst" in seen.roles
                assert attack(seen, "app.api_keys").leaks == []
        finally:
            careless.execute("drop owned by analyst; drop role analyst")


class TestVerbs:
    def test_are_at_least_what_is_promised(self, planted):
        with planted() as seen:
            projects: Relation = next(r for r in seen.relations if r.name == "app.api_keys")
            names = {verb.name for verb in verbs(projects)}
        assert len(names) >= 28
        assert {"for update", "move a row away", "merge, update", "copy to", "copy from", "truncate"} <= names


class TestDoor:
    @pytest.mark.parametrize(
        "hole",
        [
            *("entered_for_the_session", "entered_twice", "anybody_of_the_tenant", "revoked_keys"),
            *("operator_with_an_old_visit", "operator_without_a_reason"),
            *("acting_after_the_end", "acting_for_those_who_left", "acting_against_their_will"),
        ],
    )
    def test_finds_what_lets_the_wrong_ones_in(self, planted, hole):
        with planted(BY_NAME[hole].sql) as seen:
            assert door.attack(seen).leaks

    def test_is_armed_and_lets_nobody_in_as_it_is(self, planted):
        with planted() as seen:
            tally = door.attack(seen)
        assert (tally.leaks, tally.unarmed) == ([], [])


class TestFunctions:
    def test_a_function_of_the_adopters_that_reads_too_much_is_found(self, planted):
        with planted(BY_NAME["definer_exempt"].sql) as seen:
            assert {leak.check for leak in FunctionAttack(seen, focus="app.planted_").run().leaks} == {
                "functions: call"
            }

    def test_is_found_whatever_its_arguments_are(self, planted):
        with planted(
            "create function app.everything(since interval, kind app.access, numbers integer[], from_where inet)"
            " returns setof app.members language sql security definer as $$ select * from app.members $$;"
            "grant execute on function app.everything to freehold_api"
        ) as seen:
            assert FunctionAttack(seen, focus="app.everything").run().leaks

    def test_is_found_where_a_number_that_was_sent_is_part_of_what_comes_back(self, planted):
        with planted(
            "create function app.everything(most integer) returns setof app.members language sql security definer"
            " as $$ select * from app.members limit most * 1000 $$;"
            "grant execute on function app.everything to freehold_api"
        ) as seen:
            assert FunctionAttack(seen, focus="app.everything").run().leaks

    def test_that_takes_what_nobody_can_make_up_is_unarmed(self, planted):
        with planted(
            "create domain app.code as text check (value ~ '^X[0-9]{9}$');"
            "create function app.by_code(code app.code) returns text language sql as $$ select code::text $$;"
            "grant execute on function app.by_code to freehold_api"
        ) as seen:
            assert "app.by_code" in " ".join(FunctionAttack(seen, focus="app.by_code").run().unarmed)


class TestAcrossTenants:
    def test_what_was_reviewed_is_let_through_and_looked_at(self, planted):
        with planted() as seen:
            assert "app.outbox" in seen.crossings.tables
            assert "app.outbox_default" in seen.crossings.tables, "a part of it"
            assert any(name.startswith("app.relay(") for name in seen.crossings.functions)
            tally = attack(seen, "app.outbox")
        assert (tally.leaks, tally.unarmed) == ([], [])

    def test_what_was_not_is_a_leak(self, planted):
        with planted(BY_NAME["relay_deletes"].sql) as seen:
            assert "tables: delete" in {leak.check for leak in attack(seen, "app.outbox").leaks}

    @pytest.mark.parametrize("hole", ["relay_mixes_tenants", "relay_hands_out_rows", "clock_for_everybody"])
    def test_what_a_function_hands_out_is_read(self, planted, hole):
        with planted(BY_NAME[hole].sql) as seen:
            assert FunctionAttack(seen, stop_early=True, foreign_ids=2).run().leaks

    def test_a_function_that_changes_what_may_not_be_crossed_is_found(self, planted):
        with planted(
            "create function app.tidy() returns integer language sql security definer as"
            " $$ update app.projects set version = version; select 1 $$;"
            "grant execute on function app.tidy to freehold_system"
        ) as seen:
            assert FunctionAttack(seen, stop_early=True, foreign_ids=2).run().leaks


class TestHoles:
    @pytest.mark.parametrize("name", BY_NAME)
    def test_fit_the_schema_as_it_is(self, careless_once: psycopg.Connection, name):
        """Where one does not, `make prove` says so, which takes minutes; this takes none."""
        with careless_once.transaction(force_rollback=True):
            careless_once.execute(BY_NAME[name].sql.encode())

    def test_one_that_does_not_is_refused(self, careless_once: psycopg.Connection):
        with pytest.raises(psycopg.errors.UndefinedFunction), careless_once.transaction(force_rollback=True):
            careless_once.execute("select pg_get_functiondef('app.of_old'::regproc)")

    def test_each_file_says_what_is_wrong(self):
        assert len(BY_NAME) == len(list(FOLDER.glob("*.sql"))) >= 25
        assert all(hole.says.endswith(".") for hole in BY_NAME.values())
