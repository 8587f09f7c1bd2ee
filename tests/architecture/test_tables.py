"""What the catalog knows of the tables, and what the database and the code say in the same words.

The rules that every table follows are the schema gate's: tests/database/test_gate.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from freehold import permissions
from freehold.database.catalog import Catalog, TablesInACircle, read_catalog
from freehold.database.migrations.bootstrap import DATABASE
from freehold.permissions import Role
from local.postgres import Postgres
from local.reference import PERMISSIONS

CIRCLE = """
    create table app.hens (id uuid primary key, egg uuid not null);
    create table app.eggs (id uuid primary key, hen uuid not null references app.hens);
    alter table app.hens add foreign key (egg) references app.eggs;
"""


@contextmanager
def made(conninfo: str, do: str, undo: str) -> Iterator[None]:
    """What others can see for as long as the block runs."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(do.encode())
        try:
            yield
        finally:
            connection.execute(undo.encode())


@pytest.fixture
def connection(superuser: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(superuser) as connection:
        yield connection
        connection.rollback()


class TestCatalog:
    def test_knows_every_tables_scope(self, catalog: Catalog):
        assert [table.name for table in catalog.tables if table.holder == "unknown"] == []

    def test_puts_what_others_refer_to_first(self, catalog: Catalog):
        places = {table.name: place for place, table in enumerate(catalog.tables)}
        assert all(places[other] < places[table.name] for table in catalog.tables for other in table.refers_to)

    def test_a_new_table_is_in_it_the_same_day(self, superuser: str, catalog: Catalog):
        with made(superuser, "create table app.forgotten (id uuid)", "drop table app.forgotten"):
            found = {table.name: table.holder for table in read_catalog(superuser).tables}
        assert found["app.forgotten"] == "unknown"

    def test_knows_every_schema_and_quotes_what_needs_it(self, superuser: str):
        with made(superuser, 'create schema crm; create table crm."Due dates" (id uuid)', "drop schema crm cascade"):
            assert 'crm."Due dates"' in {table.name for table in read_catalog(superuser).tables}

    def test_opens_a_circle_where_a_column_may_be_null(self, superuser: str):
        with made(
            superuser, CIRCLE + "alter table app.hens alter column egg drop not null", "drop table app.hens, app.eggs"
        ):
            names = [table.name for table in read_catalog(superuser).tables]
        assert names.index("app.hens") < names.index("app.eggs")

    def test_says_which_tables_cannot_be_put_in_order(self, superuser: str):
        with (
            made(superuser, CIRCLE, "drop table app.hens, app.eggs"),
            pytest.raises(
                TablesInACircle, match=r"app\.(hens|eggs), app\.(hens|eggs) refer to one another in a circle"
            ),
        ):
            read_catalog(superuser)


class TestRoles:
    def test_request_roles_execute_their_own_entrances_only(self, connection: psycopg.Connection):
        allowed = connection.execute(
            "select r.rolname, p.proname from pg_roles r, pg_proc p where p.pronamespace = 'app'::regnamespace"
            " and p.prokind = 'f'"
            " and r.rolname in ('freehold_api', 'freehold_worker', 'freehold_report', 'freehold_operator')"
            " and has_function_privilege(r.rolname, p.oid, 'execute')"
        ).fetchall()
        proving = {(f"freehold_{role}", "resides") for role in ("api", "worker", "report", "operator")}
        assert set(allowed) - proving == {
            *(
                ("freehold_api", name)
                for name in (
                    "enter",
                    "enter_key",
                    "tenants_of",
                    "sign_up",
                    "claim",
                    "announce",
                    "accept_invitation",
                    "sign_in",
                    "issuers_of",
                    "within_yours",
                    "enter_scim",
                    "enter_acting",
                )
            ),
            *(("freehold_api", name) for name in ("can_grant", "touch_key", "lease", "confirm")),
            *(
                (role, name)
                for role in ("freehold_api", "freehold_worker")
                for name in (
                    *("receive_stripe", "link_customer", "take_trial", "want_sync"),
                    *("usage_of", "within"),
                )
            ),
            *(
                ("freehold_worker", name)
                for name in ("enter_worker", "receive", "announce", "hold_lease", "seal_audit", "sync_done")
            ),
            ("freehold_report", "enter_report"),
            *(
                ("freehold_operator", name)
                for name in (
                    "enter_operator",
                    "show_tenant",
                    "find_tenants",
                    "act_as",
                    "end_acting",
                    "grant_access",
                    "end_grant",
                    "change_flag",
                    "show_snapshot",
                    "show_flags",
                    "flag_history",
                    "flag_exposures",
                    "show_decisions",
                    "target_flag",
                    "end_target",
                    "override_plan",
                    "end_override",
                )
            ),
        }

    def test_only_requests_note_who_was_shown_what(self, connection: psycopg.Connection):
        noting = connection.execute(
            "select rolname from pg_roles where rolname in ('freehold_api', 'freehold_worker', 'freehold_report',"
            " 'freehold_operator') and has_table_privilege(oid, 'app.exposures', 'insert')"
        ).fetchall()
        assert noting == [("freehold_api",)]

    def test_none_learns_from_a_backfills_proof_who_lives_here(self, server: Postgres):
        with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE)) as connection:
            asked = "select app.resides('01900000-0000-7000-8000-000000000000')"
            assert connection.execute(asked).fetchone() == (True,), "whoever it is"
            connection.execute("set app.proof = 'on'")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(asked)


class TestPermissions:
    def test_the_code_and_the_database_agree(self, connection: psycopg.Connection):
        rows = connection.execute("select name, description, needs from app.permissions").fetchall()
        roles = dict(connection.execute("select name, permissions from app.builtin_roles").fetchall())
        assert {(p.name, p.description, p.needs.value) for p in PERMISSIONS} == set(rows)
        assert set(roles) == {role.value for role in Role}
        for role in Role:
            assert sorted(roles[role]) == sorted(p.name for p in PERMISSIONS if role in p.held_by)

    def test_each_weaker_role_holds_no_more_than_the_stronger(self):
        for weaker, stronger in ((Role.VIEWER, Role.MEMBER), (Role.MEMBER, Role.ADMIN), (Role.ADMIN, Role.OWNER)):
            held = [{p.name for p in PERMISSIONS if role in p.held_by} for role in (weaker, stronger)]
            assert held[0] <= held[1]
        assert permissions.TENANT_READ in PERMISSIONS
