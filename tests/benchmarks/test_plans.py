"""The plan lint finds every planted fault on a real PostgreSQL, and nothing where there is none."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from benchmarks import plans

TENANT = UUID(int=7)
POLICY = "tenant_id = current_setting('app.tenant_id')::uuid"
TABLE = """
    create table app.notes (
        tenant_id uuid not null, id uuid not null, title text not null, created_at timestamptz not null);
    insert into app.notes
    select lpad(to_hex(1 + n % 50), 32, '0')::uuid, uuidv7(), 'Title ' || n, now() - n * interval '1 minute'
      from generate_series(1, 20000) n;
    alter table app.notes enable row level security;
    create policy used on app.notes to freehold_api using (true);
    grant select on app.notes to freehold_api, exempt;
"""
KEY = "alter table app.notes add primary key (tenant_id, id)"
NEWEST = "select id from app.notes where tenant_id = %(tenant_id)s order by id desc limit 50"

type Lint = Callable[..., list[str]]


@pytest.fixture
def lint(superuser: str) -> Iterator[Lint]:
    """Plants, explains as both roles, and digs up again."""
    with psycopg.connect(superuser) as connection:

        def planted(statement: str, *plants: str, policy: str = POLICY) -> list[str]:
            connection.execute("create role exempt bypassrls; grant usage on schema app to exempt")
            connection.execute(TABLE)
            for plant in plants:
                connection.execute(plant)
            connection.execute(f"create policy tenant on app.notes as restrictive using ({policy})")
            connection.execute("analyze app.notes")
            connection.execute("select set_config('app.tenant_id', %s, true)", [str(TENANT)])
            found = [explain(connection, role, statement) for role in ("freehold_api", "exempt")]
            return plans.faults(*found, plans.leading_columns(connection))

        yield planted
        connection.rollback()


def explain(connection: psycopg.Connection, role: str, statement: str) -> plans.Plan:
    connection.execute(f"set local role {role}")
    params = {"tenant_id": TENANT, "id": uuid4(), "title": "Title 7"}
    [plan] = connection.execute(f"explain (format json) {statement}", params).fetchone()
    connection.execute("reset role")
    return plan[0]["Plan"]


def test_nothing_is_found_where_nothing_is_wrong(lint: Lint):
    assert lint(NEWEST, KEY) == []


def test_nothing_is_found_in_a_point_read(lint: Lint):
    assert lint("select id from app.notes where tenant_id = %(tenant_id)s and id = %(id)s", KEY) == []


def test_a_table_without_an_index_is_read_whole(lint: Lint):
    assert "reads all of notes" in lint(NEWEST)


def test_an_index_that_begins_with_time(lint: Lint):
    statement = "select id from app.notes where tenant_id = %(tenant_id)s order by created_at desc limit 50"
    found = lint(statement, "create index by_time on app.notes (created_at, tenant_id)")
    assert found == ["reads by_time without a value for created_at, which it begins with"]


def test_a_sort_of_all_that_a_tenant_has(lint: Lint):
    found = lint("select id from app.notes where tenant_id = %(tenant_id)s order by created_at desc limit 50", KEY)
    assert len(found) == 1
    assert found[0].startswith("sorts ")


def test_a_condition_that_must_wait_for_the_policy(lint: Lint):
    statement = "select id from app.notes where tenant_id = %(tenant_id)s and lower(title) = 'title 7'"
    found = lint(statement, "create index by_title on app.notes (tenant_id, lower(title))")
    assert found == ["filters notes by lower(title) = 'title 7'::text, which an index would answer without the policy"]


@pytest.mark.parametrize(
    "policy",
    [
        "tenant_id::text = current_setting('app.tenant_id')",
        "exists (select from app.tenants t where t.id = tenant_id and t.name <> current_setting('app.tenant_id'))",
        "tenant_id in (select m.tenant_id from app.members m where m.subject = current_setting('app.tenant_id'))",
    ],
)
def test_a_policy_that_is_checked_row_by_row(lint: Lint, policy: str):
    found = lint(NEWEST, KEY, "grant select on app.tenants, app.members to exempt", policy=policy)
    assert any(fault.startswith("checks ") and fault.endswith(" of notes row by row") for fault in found)


def helper(kind: str) -> str:
    return (
        f"create function app.current_tenant() returns uuid language plpgsql {kind} as"
        " $$ begin return current_setting('app.tenant_id')::uuid; end $$;"
        " grant execute on function app.current_tenant to freehold_api"
    )


def test_a_volatile_function_in_the_policy(lint: Lint):
    found = lint(NEWEST, KEY, helper("volatile"), policy="tenant_id = app.current_tenant()")
    assert "checks tenant_id = current_tenant() of notes row by row" in found


def test_an_immutable_function_in_the_policy(lint: Lint):
    found = lint(NEWEST, KEY, helper("immutable"), policy="tenant_id = app.current_tenant()")
    assert found == ["has no policy in its plan"]


def test_no_policy_at_all(lint: Lint):
    assert lint(NEWEST, KEY, policy="true") == ["has no policy in its plan"]


SHARED = "(current_setting('app.scope') = 'tenant' or position(id::text in current_setting('app.granted')) > 0)"
SET = "select set_config('app.scope', 'tenant', true), set_config('app.granted', '', true)"


def test_what_is_shared_row_by_row_is_checked_for_one_tenants_rows(lint: Lint):
    by_id = "select title from app.notes where tenant_id = %(tenant_id)s and id = %(id)s"
    assert lint(by_id, KEY, SET, policy=f"{POLICY} and {SHARED}") == []


def test_what_is_shared_row_by_row_is_not_checked_for_everybodys(lint: Lint):
    by_title = "select id from app.notes where title = %(title)s"
    found = lint(by_title, "create index on app.notes (title)", SET, policy=SHARED)
    assert any("row by row" in fault for fault in found)


class TestTablesOfNobody:
    def test_may_be_read_whole_though_rewritten_rows_have_left_pages_behind(self, superuser: str):
        rewrites = [f"update app.kinds set name = repeat('x', 500) || {number}" for number in range(10)]
        assert "kinds" in short_after(superuser, "select 'a' from generate_series(1, 100)", *rewrites)

    def test_may_not_once_they_have_more_rows_than_a_page(self, superuser: str):
        assert "kinds" not in short_after(superuser, "select 'a' from generate_series(1, 101)")

    def test_may_not_where_their_rows_are_tenants(self, superuser: str):
        secured = "alter table app.kinds enable row level security"
        assert "kinds" not in short_after(superuser, "select 'a'", secured)

    def test_those_that_migrations_fill_are_all_among_them(self, superuser: str):
        expected = {"builtin_roles", "permissions", "job_classes", "retention"}
        assert expected <= short_after(
            superuser,
            "select 'a'",
            "analyze app.builtin_roles, app.permissions",
            "analyze app.job_classes, app.retention",
        )


def short_after(superuser: str, rows: str, *statements: str) -> frozenset[str]:
    """What may be read whole beside `app.kinds`, which begins with these rows."""
    with psycopg.connect(superuser) as connection:
        for statement in (f"create table app.kinds (name) as {rows}", *statements, "analyze app.kinds"):
            connection.execute(statement)
        found = plans.short_and_nobodys(connection)
        connection.rollback()
    return found
