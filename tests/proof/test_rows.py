"""Rows are made from what the database says, for any table that an adopter may think of."""

import psycopg
import pytest

from proof.database import shape
from proof.database.rows import Filler, NoRow

ODD = """
    create domain app.slug as text check (value ~ '^[a-z0-9-]+$');
    create type app.colour as enum ('red', 'green');
    create table app.odd (
        tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
        id uuid not null default uuidv7(),
        parent_id uuid,
        slug app.slug not null,
        email text not null check (email ~ '^[^@ ]+@[^@ ]+$'),
        stars integer not null check (stars between 1 and 5),
        currency varchar(3) not null check (currency in ('EUR', 'USD')),
        begins date not null,
        ends date not null check (ends > begins),
        tags text[] not null check (cardinality(tags) > 0),
        colours app.colour[] not null,
        number bigint generated always as identity,
        doubled integer generated always as (stars * 2) stored,
        period tstzrange,
        extra jsonb not null check (jsonb_typeof(extra) = 'object'),
        "Odd ""Name" text not null,
        primary key (tenant_id, id),
        unique (tenant_id, stars),
        foreign key (tenant_id, parent_id) references app.odd
    )
"""


def filled(connection, tenants):
    filler = Filler(connection, shape.read(connection))
    filler.fill(tenants)
    return filler


class TestFill:
    def test_every_table_of_tenants_has_rows_of_each(self, careless: psycopg.Connection, tenants):
        filler = filled(careless, tenants)
        tables = [relation for relation in filler.relations if relation.is_table and relation.held_by]
        assert len(tables) >= 10
        assert [t.name for t in tables for tenant in tenants if not filler.rows[t.oid, tenant.mark]] == []

    def test_odd_columns_and_checks_are_met(self, careless: psycopg.Connection, tenants):
        careless.execute(ODD)
        filler = filled(careless, tenants)
        odd = next(relation for relation in filler.relations if relation.name == "app.odd")
        rows = filler.rows[odd.oid, tenants[0].mark]
        assert len(rows) == 3
        assert len({row["stars"] for row in rows}) == 3
        assert rows[-1]["parent_id"] == rows[0]["id"]
        assert all(tenants[0].mark in (row["slug"] or "") for row in rows)

    def test_a_partition_that_takes_other_values_is_filled_too(self, careless: psycopg.Connection, tenants):
        careless.execute(
            "create table app.outbox_far partition of app.outbox for values"
            " from ('ffffffff-0000-7000-8000-000000000000') to ('ffffffff-ffff-7000-8000-000000000000')"
        )
        filler = filled(careless, tenants)
        far = next(relation for relation in filler.relations if relation.name == "app.outbox_far")
        assert len(filler.rows[far.oid, tenants[0].mark]) == 3

    def test_tables_that_refer_to_one_another_are_filled(self, careless: psycopg.Connection, tenants):
        template = "tenant_id uuid not null references app.tenants, id uuid not null, primary key (tenant_id, id)"
        careless.execute(
            f"create table app.hens ({template}, egg_id uuid); create table app.eggs ({template}, hen_id uuid)"
        )
        careless.execute(
            "alter table app.hens add foreign key (tenant_id, egg_id) references app.eggs;"
            "alter table app.eggs add foreign key (tenant_id, hen_id) references app.hens"
        )
        filler = filled(careless, tenants)
        both = [relation for relation in filler.relations if relation.name in {"app.hens", "app.eggs"}]
        assert all(filler.rows[relation.oid, tenants[0].mark] for relation in both)

    def test_a_check_that_nothing_meets_is_named(self, careless: psycopg.Connection, tenants):
        careless.execute(
            "create table app.closed (tenant_id uuid not null references app.tenants, id uuid not null,"
            " code text not null constraint never check (md5(code) = 'c5866cd02cff5862c6fb551c8f3a26cf'),"
            " primary key (tenant_id, id))"
        )
        with pytest.raises(NoRow, match=r"app\.closed.*never.*default"):
            filled(careless, tenants)
        careless.execute("alter table app.closed alter code set default 'x38'")
        filled(careless, tenants)


class TestShape:
    def test_whose_rows_a_table_holds_does_not_depend_on_its_policies(self, careless: psycopg.Connection):
        careless.execute("drop policy tenant on app.projects; alter table app.projects disable row level security")
        projects = next(relation for relation in shape.read(careless) if relation.name == "app.projects")
        assert (projects.holder, projects.held_by) == ("tenant", ("tenant_id",))

    def test_a_table_of_tenants_that_says_it_is_everybodys_is_not_believed(self, careless: psycopg.Connection):
        careless.execute("comment on table app.projects is 'global: the same for all'")
        projects = next(relation for relation in shape.read(careless) if relation.name == "app.projects")
        assert projects.holder == "tenant"

    def test_a_table_in_any_schema_is_seen(self, careless: psycopg.Connection):
        careless.execute('create schema "My Own"; create table "My Own"."A table" (tenant_id uuid)')
        assert '"My Own"."A table"' in {relation.name for relation in shape.read(careless)}
